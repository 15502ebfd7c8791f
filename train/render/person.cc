// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/person.h"

#include <set>

#include "train/render/garment.h"
#include "train/render/wardrobe.h"

namespace fomo::render {
namespace {

void add(const Target& target, float weight, std::vector<Vec3>& vertices) {
  for (size_t i = 0; i < target.index.size(); i++)
    vertices[target.index[i]] += target.delta[i] * weight;
}

// Mixes MakeHuman's macro targets with random shares of three races, of gender and of age.
void shape_macros(const Assets& assets, Random& random, std::vector<Vec3>& vertices) {
  static const char* const races[] = {"african", "asian", "caucasian"};
  static const char* const genders[] = {"female", "male"};
  static const char* const ages[] = {"child", "young", "old"};
  float race[3], total = 0;
  for (float& share : race)
    total += share = std::pow(random.uniform() + 1e-3f, 3.0f);
  const float male = random.chance(0.7f) ? std::round(random.uniform()) : random.uniform();
  const float gender[2] = {1 - male, male};
  // Children are rare: their proportions differ much from those of most pictures.
  const float child = random.chance(0.06f) ? random.uniform(0.2f, 0.7f) : 0;
  const float old = (1 - child) * (random.chance(0.5f) ? random.uniform() : 0);
  const float age[3] = {child, 1 - child - old, old};
  const char* const muscle = random.chance(0.3f) ? "maxmuscle" : "averagemuscle";
  const char* const weight = random.chance(0.35f)   ? "maxweight"
                             : random.chance(0.35f) ? "minweight"
                                                    : "averageweight";
  for (int g = 0; g < 2; g++)
    for (int a = 0; a < 3; a++) {
      const float share = gender[g] * age[a];
      if (share <= 0)
        continue;
      const std::string kind = std::string(genders[g]) + "-" + ages[a];
      for (int r = 0; r < 3; r++)
        add(assets.target(std::string("macro/") + races[r] + "-" + kind), share * race[r] / total,
            vertices);
      add(assets.target("macro/universal-" + kind + "-" + muscle + "-" + weight), share * 0.8f,
          vertices);
    }
}

// Random details of the face. Targets with opposite effects come in pairs; only one of a pair is
// used. Left and right targets get almost the same value.
void shape_details(const Assets& assets, Random& random, std::vector<Vec3>& vertices) {
  static const std::set<std::string> groups{"cheek", "chin",     "ears",  "eyes", "eyebrows",
                                            "head",  "forehead", "mouth", "neck", "nose"};
  std::map<std::string, float> left;
  for (const auto& [name, target] : assets.targets) {
    const size_t slash = name.find('/');
    const std::string group = name.substr(0, slash), detail = name.substr(slash + 1);
    if (!groups.count(group) || detail.find("-trans-in") != std::string::npos ||
        detail.find("-trans-out") != std::string::npos)
      continue;
    const bool is_left = detail.rfind("l-", 0) == 0, is_right = detail.rfind("r-", 0) == 0;
    float weight = 0;
    if (is_right)
      weight = left[group + detail.substr(2)] * random.uniform(0.85f, 1.15f);
    else if (random.chance(0.22f))
      weight = 0.65f * std::pow(random.uniform(), 1.3f);
    if (is_left)
      left[group + detail.substr(2)] = weight;
    if (weight > 0)
      add(target, weight, vertices);
  }
}

} // namespace

Part make_skin(const Assets& assets, const Material& material) {
  Part part;
  std::vector<int> at(assets.vertices.size(), -1);
  for (const auto& triangle : assets.triangles) {
    std::array<int, 3> mapped{};
    for (size_t c = 0; c < 3; c++) {
      const int v = triangle[c];
      if (at[v] < 0) {
        at[v] = static_cast<int>(part.corners.size());
        part.corners.push_back({v, v, v});
        part.weights.push_back({1, 0, 0});
        const Vec3& rest = assets.vertices[static_cast<size_t>(v)];
        part.open.push_back(inside_mouth(rest) ? std::clamp(rest.z - 1.1f, 0.03f, 0.35f) : 1);
      }
      mapped[c] = at[v];
    }
    part.triangles.push_back(mapped);
  }
  part.offsets.resize(part.corners.size());
  part.uv = assets.uv;
  part.material = material;
  return part;
}

bool inside_mouth(const Vec3& at) {
  const float across = std::abs(at.x);
  return across < 0.3f && at.y > 6.36f && at.y < 6.96f && at.z < 1.52f - 0.55f * across &&
         at.z > 0.3f && !(at.y < 6.47f && at.z > 1.2f);
}

void Person::find_joints(const Assets& assets) {
  const Vec3 neck = assets.centre("joint-neck", neutral),
             head = assets.centre("joint-head", neutral);
  pivot = mix(neck, head, 0.35f);
  eyes = {assets.centre("joint-l-eye", neutral), assets.centre("joint-r-eye", neutral)};
}

void Person::finish() {
  starts.clear();
  size_t count = 0;
  for (const Part& part : parts) {
    starts.push_back(count);
    count += part.corners.size();
  }
  starts.push_back(count);
  rest = bind(neutral);
}

Person Person::sample(const Assets& assets, Random& random) {
  Person person;
  person.neutral = assets.vertices;
  shape_macros(assets, random, person.neutral);
  shape_details(assets, random, person.neutral);
  const Vec3 neck = assets.centre("joint-neck", person.neutral);
  lower_arms(random.uniform(0.3f, 1), neck, person.neutral);
  person.find_joints(assets);
  person.parts.push_back(make_skin(assets, skin_material(assets, random)));
  put_on(assets, GarmentStyle::sample(neck.y, random), person);
  dress(assets, random, person);
  person.finish();
  return person;
}

std::vector<Vec3> Person::bind(const std::vector<Vec3>& base) const {
  std::vector<Vec3> result;
  result.reserve(starts.back());
  for (const Part& part : parts)
    for (size_t i = 0; i < part.corners.size(); i++)
      result.push_back(part.place(i, base));
  return result;
}

} // namespace fomo::render
