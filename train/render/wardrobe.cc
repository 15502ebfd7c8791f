// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/wardrobe.h"

#include <opencv2/imgproc.hpp>

#include "train/render/backdrop.h"
#include "train/render/beard.h"
#include "train/render/hair_volume.h"
#include "train/render/headwear.h"

namespace fomo::render {
namespace {

// The vertex of the base mesh between the eyes, to which glasses are attached.
constexpr int kNoseBridge = 133;

Part from_proxy(const Proxy& proxy, const Material& material) {
  Part part;
  part.corners = proxy.corners;
  part.weights = proxy.weights;
  part.offsets = proxy.offsets;
  part.triangles = proxy.triangles;
  part.uv = proxy.uv;
  part.material = material;
  return part;
}

// A part inside the mouth: front teeth are bright, parts further back are dark.
Part in_mouth(const Assets& assets, const Proxy& proxy, const Material& material) {
  Part part = from_proxy(proxy, material);
  for (size_t i = 0; i < part.corners.size(); i++) {
    const float depth = 1.5f - part.place(i, assets.vertices).z; // behind the front teeth
    part.open.push_back(std::clamp(0.9f - depth * 3, 0.03f, 0.9f));
  }
  return part;
}

const Proxy& any(const std::vector<Proxy>& proxies, Random& random) {
  return proxies[random.index(proxies.size())];
}

const cv::Mat& any_texture(const Proxy& proxy, Random& random) {
  return proxy.textures[random.index(proxy.textures.size())];
}

// A random hair style. Styles whose fringe hides an eye are mostly left out.
const Proxy& any_wig(const std::vector<Proxy>& hair, Random& random) {
  for (;;) {
    const Proxy& wig = any(hair, random);
    if (wig.name.rfind("bob", 0) != 0 || random.chance(0.15f))
      return wig;
  }
}

// Mostly natural hair colours. Some dyed ones keep the model from relying on colour.
Vec3 hair_color(Random& random) {
  static const Vec3 natural[] = {{.22f, .18f, .16f}, {.34f, .25f, .19f}, {.50f, .36f, .25f},
                                 {.95f, .80f, .55f}, {.75f, .40f, .22f}, {.95f, .95f, .95f},
                                 {.60f, .60f, .62f}, {.16f, .15f, .15f}};
  const Vec3 base =
      random.chance(0.06f) ? random.color(0.1f, 1.2f) : natural[random.index(std::size(natural))];
  return base * random.color(0.85f, 1.15f) * random.uniform(0.8f, 1.4f);
}

// Mean brightness, 0..1, of a cut-out texture's visible area: some hair textures are black, some
// white.
float mean_level(const cv::Mat& texture) {
  cv::Mat shown;
  cv::extractChannel(texture, shown, 3);
  const cv::Scalar mean = cv::mean(texture, shown > 128);
  return static_cast<float>(0.11 * mean[0] + 0.59 * mean[1] + 0.3 * mean[2]) / 255;
}

Material hair_material(const cv::Mat& texture, const Vec3& color) {
  Material material;
  material.surface = Surface::hair;
  material.texture = texture;
  material.tint = color * std::clamp(0.5f / std::max(mean_level(texture), 0.01f), 0.6f, 4.0f);
  material.gray = 0.85f;
  material.gloss = 0.3f;
  material.cutout = material.two_sided = true;
  return material;
}

// Adds a tube along a closed or open line.
void add_tube(const std::vector<Vec3>& line, float radius, bool closed, Part& part,
              const Vec3& origin) {
  const int sides = 4, first = static_cast<int>(part.corners.size());
  const int count = static_cast<int>(line.size());
  for (int i = 0; i < count; i++) {
    const Vec3 along = normalized(line[closed ? (i + 1) % count : std::min(i + 1, count - 1)] -
                                  line[closed ? (i + count - 1) % count : std::max(i - 1, 0)]);
    const Vec3 side =
        normalized(cross(along, std::abs(along.z) > 0.9f ? Vec3{0, 1, 0} : Vec3{0, 0, 1}));
    const Vec3 up = cross(side, along);
    for (int s = 0; s < sides; s++) {
      const float angle = 6.2831853f * static_cast<float>(s) / sides + 0.785f;
      const Vec3 at = line[i] + side * (radius * std::cos(angle)) + up * (radius * std::sin(angle));
      part.corners.push_back({kNoseBridge, kNoseBridge, kNoseBridge});
      part.weights.push_back({1, 0, 0});
      part.offsets.push_back(at - origin);
    }
  }
  const int segments = closed ? count : count - 1;
  for (int i = 0; i < segments; i++)
    for (int s = 0; s < sides; s++) {
      const int a = first + i * sides + s, b = first + i * sides + (s + 1) % sides;
      const int c = first + (i + 1) % count * sides + s;
      const int d = first + (i + 1) % count * sides + (s + 1) % sides;
      part.triangles.push_back({a, b, c});
      part.triangles.push_back({b, d, c});
    }
}

Part glasses(const Person& person, Random& random) {
  Part part;
  part.material.surface = Surface::frame;
  part.material.texture = cv::Mat(4, 4, CV_8UC4, cv::Scalar(255, 255, 255, 255));
  part.material.tint =
      random.chance(0.6f) ? Vec3{1, 1, 1} * random.uniform(0.03f, 0.3f) : random.color(0.05f, 0.8f);
  part.material.gloss = random.uniform(0.2f, 1.0f);
  part.material.two_sided = true;
  const Vec3 origin = person.neutral[kNoseBridge];
  const float width = random.uniform(0.22f, 0.31f), height = width * random.uniform(0.65f, 1.0f);
  const float power = random.chance(0.5f) ? 1.0f : random.uniform(0.5f, 1.0f); // 1 round, 0.5 boxy
  const float radius = random.chance(0.35f) ? random.uniform(0.03f, 0.06f)     // thick frames
                                            : random.uniform(0.008f, 0.03f);
  const float front = origin.z + random.uniform(0.0f, 0.10f), drop = random.uniform(-0.02f, 0.08f);
  std::array<Vec3, 2> inner, outer;
  for (int e = 0; e < 2; e++) {
    const float side = e == 0 ? 1.0f : -1.0f;
    const float middle = std::max(std::abs(person.eyes[e].x), width + 0.05f);
    std::vector<Vec3> rim;
    for (int i = 0; i < 28; i++) {
      const float angle = 6.2831853f * static_cast<float>(i) / 28, c = std::cos(angle),
                  s = std::sin(angle);
      const float x = std::copysign(std::pow(std::abs(c), power), c) * width;
      const float y = std::copysign(std::pow(std::abs(s), power), s) * height;
      rim.push_back(
          {side * (middle + x), person.eyes[e].y - drop + y, front - 0.25f * (middle + x) * 0.3f});
    }
    inner[e] = rim[14];
    outer[e] = rim[0];
    add_tube(rim, radius, true, part, origin);
    add_tube({outer[e],
              {side * 0.72f, outer[e].y + 0.05f, outer[e].z - 0.15f},
              {side * 0.78f, outer[e].y + 0.05f, 0.3f}},
             radius, false, part, origin);
  }
  const Vec3 middle = (inner[0] + inner[1]) * 0.5f + Vec3{0, 0.05f, 0.04f};
  add_tube({inner[0], middle, inner[1]}, radius, false, part, origin);
  part.uv.assign(part.triangles.size(), {Vec2{.5f, .5f}, Vec2{.5f, .5f}, Vec2{.5f, .5f}});
  return part;
}

// The teeth of the assets' textures are grey. They become ivory; the gums keep their red.
cv::Mat whitened(const cv::Mat& texture, float white) {
  cv::Mat result = texture.clone();
  for (int y = 0; y < result.rows; y++)
    for (cv::Vec4b *p = result.ptr<cv::Vec4b>(y), *end = p + result.cols; p < end; p++) {
      const float b = static_cast<float>((*p)[0]) / 255, g = static_cast<float>((*p)[1]) / 255,
                  r = static_cast<float>((*p)[2]) / 255;
      const float tooth = 1 - smoothstep(0.15f, 0.4f, r - std::min(g, b));
      const float level = white * std::sqrt((r + g + b) / 3);
      const Vec3 ivory = Vec3{1.0f, 0.97f, 0.90f} * level;
      (*p)[0] = cv::saturate_cast<uint8_t>(255 * mix(b, ivory.z, tooth));
      (*p)[1] = cv::saturate_cast<uint8_t>(255 * mix(g, ivory.y, tooth));
      (*p)[2] = cv::saturate_cast<uint8_t>(255 * mix(r, ivory.x, tooth));
    }
  return result;
}

} // namespace

Material skin_material(const Assets& assets, Random& random) {
  Material material;
  const cv::Mat& first = assets.skins[random.index(assets.skins.size())];
  const cv::Mat& second = assets.skins[random.index(assets.skins.size())];
  const double share = random.uniform();
  if (first.size() == second.size())
    cv::addWeighted(first, share, second, 1 - share, 0, material.texture);
  else
    material.texture = first;
  material.tint = random.color(0.88f, 1.12f) * random.uniform(0.75f, 1.25f);
  material.gray = random.chance(0.2f) ? random.uniform(0.2f, 0.7f) : 0;
  material.gloss = random.uniform(0.02f, 0.22f);
  material.relief = random.uniform(0.0f, 1.2f);
  return material;
}

Part make_eyes(const Proxy& eyes, const cv::Mat& texture, float white, float gloss) {
  Material eye;
  eye.surface = Surface::eye;
  eye.texture = texture;
  eye.tint = Vec3{1, 1, 1} * white;
  eye.gloss = gloss;
  eye.cutout = true;
  return from_proxy(eyes, eye);
}

Part make_teeth(const Assets& assets, const Proxy& shape, float white, float upper, float lower) {
  Material material;
  material.surface = Surface::mouth;
  material.texture = whitened(shape.textures.front(), white);
  material.gloss = 0.3f;
  Part part = in_mouth(assets, shape, material);
  const std::vector<float> rise = assets.opening_rise();
  for (size_t i = 0; i < part.offsets.size(); i++) {
    const bool falls = rise[static_cast<size_t>(part.corners[i][0])] < -0.05f; // moves with the jaw
    part.offsets[i].y += falls ? lower : upper;
  }
  return part;
}

Part make_tongue(const Assets& assets, const Vec3& tint) {
  const Proxy& tongue = assets.proxies.at("tongue").front();
  Material wet;
  wet.surface = Surface::mouth;
  wet.texture = tongue.textures.front();
  wet.tint = tint;
  wet.gloss = 0.3f;
  return in_mouth(assets, tongue, wet);
}

Part make_hair(const Proxy& proxy, const Vec3& color, float gloss) {
  Material material = hair_material(proxy.textures.front(), color);
  material.gloss = gloss;
  return from_proxy(proxy, material);
}

void dress(const Assets& assets, Random& random, Person& person) {
  const Proxy& eyes = any(assets.proxies.at("eyes"), random);
  const cv::Mat& iris = any_texture(eyes, random);
  const float white = random.uniform(0.8f, 1.05f);
  person.parts.push_back(make_eyes(eyes, iris, white, random.uniform(0.4f, 1.2f)));

  // In the assets both rows of teeth end where the lips meet. The rows are shifted down: most
  // people's upper teeth show below a relaxed lip, and their lower teeth are hidden behind the
  // lower lip.
  const Proxy& shape = any(assets.proxies.at("teeth"), random);
  const float bright = random.uniform(0.7f, 1.15f), upper = random.uniform(-0.06f, 0);
  person.parts.push_back(make_teeth(assets, shape, bright, upper, random.uniform(-0.1f, 0)));
  person.parts.push_back(
      make_tongue(assets, random.color(0.85f, 1.1f) * random.uniform(0.5f, 1.4f)));

  const Vec3 color = hair_color(random);
  const Proxy& brows = any(assets.proxies.at("eyebrows"), random);
  if (random.chance(0.93f) && brows.corners.size() < 4000)
    person.parts.push_back(from_proxy(
        brows, hair_material(brows.textures.front(), color * random.uniform(0.5f, 1.1f))));
  const Proxy& lashes = any(assets.proxies.at("eyelashes"), random);
  if (random.chance(0.8f) && lashes.corners.size() < 4000)
    person.parts.push_back(
        from_proxy(lashes, hair_material(lashes.textures.front(), Vec3{1, 1, 1} * 0.25f)));

  const auto& hair = assets.proxies.at("hair");
  if (random.chance(0.3f)) {
    add_hair_volume(assets, color, random, person);
  } else if (random.chance(0.9f)) {
    const Proxy& wig = any_wig(hair, random);
    person.parts.push_back(from_proxy(wig, hair_material(wig.textures.front(), color)));
  }
  if (random.chance(0.22f))
    add_beard(assets, color * random.uniform(0.6f, 1.0f), random, person);
  if (random.chance(0.16f))
    put_on_head(assets, static_cast<Headwear>(random.index(4)), random, person);
  else if (random.chance(0.15f))
    add_earrings(random, person);
  if (random.chance(0.22f))
    person.parts.push_back(glasses(person, random));
}

} // namespace fomo::render
