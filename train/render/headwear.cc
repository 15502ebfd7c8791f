// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/headwear.h"

#include <opencv2/imgproc.hpp>

#include "train/render/backdrop.h"
#include "train/render/shell.h"

namespace fomo::render {
namespace {

constexpr float kTurn = 6.28318531f;
constexpr int kLobes[] = {12329, 5732}; // base vertices of the left and the right ear lobe

// The edge of a hat on the base mesh: a plane above brows and ears.
float under_hat(const Vec3& base, float height) { return base.y - height - 0.18f * base.z; }

// Everything but the oval of the face; the cloth ends on the neck.
float under_scarf(const Vec3& base) {
  const float oval = std::hypot(base.x / 0.64f, (base.y - 7.05f) / 0.86f) - 1;
  const float behind = 2 * (0.35f - base.z);
  return std::min(std::max(oval, behind), 1.5f * (base.y - 5.45f));
}

cv::Mat with_alpha(const cv::Mat& bgr) {
  cv::Mat result;
  cv::cvtColor(bgr, result, cv::COLOR_BGR2BGRA);
  return result;
}

// Wraps a pattern around the head.
void cover(const cv::Mat& pattern, float middle, Shell& shell) {
  cv::Mat tiled;
  cv::repeat(pattern, 2, 3, tiled);
  shell.part.material.texture = with_alpha(tiled);
  for (const auto& t : shell.part.triangles) {
    std::array<Vec2, 3> uv;
    float first = 0;
    for (size_t c = 0; c < 3; c++) {
      const Vec3& at = shell.at[static_cast<size_t>(t[c])];
      float turn = std::atan2(at.x, at.z - 0.4f) / kTurn;
      if (c == 0)
        first = turn;
      else if (turn - first > 0.5f)
        turn -= 1; // a triangle behind the head, where the angle wraps
      else if (turn - first < -0.5f)
        turn += 1;
      uv[c] = {turn * 0.98f + 0.5f, (middle - at.y) / 4 + 0.5f};
    }
    shell.part.uv.push_back(uv);
  }
}

Section brim(Headwear kind, float front, float width) {
  if (kind == Headwear::beanie) // a band that is folded up
    return {{.03f, .0f},  {.04f, .06f},  {.0f, .09f}, {-.15f, .10f},
            {-.3f, .09f}, {-.34f, .05f}, {-.33f, .0f}};
  if (kind == Headwear::scarf) // a rolled edge
    return {{.02f, -.05f}, {.04f, .01f}, {.03f, .05f}, {-.02f, .07f}, {-.08f, .05f}, {-.1f, .0f}};
  const float out = kind == Headwear::cap ? width * smoothstep(0.72f, 0.95f, front) : width;
  return {{.02f, -.03f},       {.05f, out * 0.5f + 0.02f}, {.08f, out + 0.03f},
          {.06f, out + 0.04f}, {.02f, out * 0.5f + 0.03f}, {-.02f, .03f},
          {-.05f, .0f}};
}

// Ends the hair where the cloth covers it.
void cut_hair(const Assets& assets, const std::vector<float>& inside, Headwear kind, float height,
              Person& person) {
  for (Part& part : person.parts) {
    // Brows and lashes are small and stay.
    if (part.material.surface != Surface::hair || part.place(0, assets.vertices).z > 1.2f)
      continue;
    part.cut.resize(part.corners.size());
    for (size_t i = 0; i < part.corners.size(); i++) {
      const float skin = inside[static_cast<size_t>(part.corners[i][0])];
      const float hat = under_hat(part.place(i, assets.vertices), height);
      part.cut[i] = kind == Headwear::scarf ? -1.0f : 0.03f - std::max(skin, hat);
    }
  }
}

} // namespace

void put_on_head(const Assets& assets, Headwear kind, Random& random, Person& person) {
  const bool scarf = kind == Headwear::scarf;
  const float height = random.uniform(7.48f, 7.62f), crown = random.uniform(0.0f, 0.5f);
  std::vector<float> inside;
  for (const Vec3& v : assets.vertices)
    inside.push_back(scarf ? under_scarf(v) : under_hat(v, height));
  cut_hair(assets, inside, kind, height, person);
  Draping draping;
  draping.thickness = scarf ? 0.07f : 0.09f;
  draping.smoothing = scarf ? 30 : 16;
  const float phase = random.uniform(0, kTurn), depth = random.uniform(0.0f, 0.05f);
  draping.relief = [&](const Vec3& at, float in) {
    const float folds = depth * std::sin(9 * at.y + 5 * std::abs(at.x) + phase);
    const float high = kind == Headwear::hat || kind == Headwear::beanie ? crown : 0.1f;
    return scarf ? folds : high * smoothstep(0.1f, 0.9f, in) + 0.4f * folds;
  };
  Shell shell = make_shell(assets, inside, person.neutral, draping);
  const cv::Mat pattern = fabric(random);
  Material& cloth = shell.part.material;
  cloth.surface = Surface::cloth;
  cloth.gloss = random.uniform(0.0f, 0.3f);
  cloth.relief = random.uniform(0.0f, 1.0f);
  const float neck = assets.centre("joint-neck", person.neutral).y;
  cover(pattern, neck + 1, shell);
  const auto ring = outline(
      shell, scarf, 3, [&](const Vec3& at) { return at.y > neck + 0.15f; },
      [&](const Vec3& at) {
        return scarf ? Vec3{-at.x, neck + 1.1f - at.y, 0} : Vec3{0, -1, 0.18f};
      });
  Material trim = cloth;
  person.parts.push_back(std::move(shell.part));
  if (ring.empty())
    return;
  const float width = random.uniform(0.35f, 0.9f);
  Part edge = sweep(
      ring, [&](float front) { return brim(kind, front, width); }, 0, person.neutral);
  trim.texture = with_alpha(cv::Mat(4, 64, CV_8UC3, cv::mean(pattern)));
  trim.tint = random.chance(0.5f) ? Vec3{1, 1, 1} : random.color(0.5f, 1.5f);
  trim.two_sided = true;
  edge.material = trim;
  person.parts.push_back(std::move(edge));
}

void add_earrings(Random& random, Person& person) {
  Part part;
  part.material.surface = Surface::frame;
  part.material.texture = cv::Mat(4, 4, CV_8UC4, cv::Scalar(255, 255, 255, 255));
  static const Vec3 metals[] = {
      {.85f, .68f, .35f}, {.80f, .80f, .82f}, {.95f, .93f, .9f}, {.5f, .1f, .15f}};
  part.material.tint = metals[random.index(std::size(metals))];
  part.material.gloss = random.uniform(0.5f, 1.2f);
  part.material.two_sided = true;
  const bool pearl = random.chance(0.4f);
  const float size = pearl ? random.uniform(0.03f, 0.06f) : random.uniform(0.06f, 0.2f);
  const float wire = pearl ? size : random.uniform(0.01f, 0.025f);
  constexpr int around = 16, sides = 6;
  for (const int lobe : kLobes) {
    if (static_cast<size_t>(lobe) >= person.neutral.size())
      return;
    // A ring of radius `size` hangs below the lobe, seen from the side; a pearl is a ring without a
    // hole.
    const Vec3 middle{0, -(pearl ? size : size * 0.9f), 0};
    const int first = static_cast<int>(part.corners.size());
    for (int i = 0; i < around; i++)
      for (int s = 0; s < sides; s++) {
        const float a = kTurn * static_cast<float>(i) / around,
                    b = kTurn * static_cast<float>(s) / sides;
        const float r = (pearl ? 0.3f * size : size) + wire * std::cos(b);
        part.corners.push_back({lobe, lobe, lobe});
        part.weights.push_back({1, 0, 0});
        part.offsets.push_back(middle + Vec3{wire * std::sin(b), r * std::sin(a), r * std::cos(a)});
      }
    for (int i = 0; i < around; i++)
      for (int s = 0; s < sides; s++) {
        const auto at = [&](int j, int k) { return first + j % around * sides + k % sides; };
        part.triangles.push_back({at(i, s), at(i + 1, s), at(i, s + 1)});
        part.triangles.push_back({at(i, s + 1), at(i + 1, s), at(i + 1, s + 1)});
      }
  }
  part.uv.assign(part.triangles.size(), {Vec2{.5f, .5f}, Vec2{.5f, .5f}, Vec2{.5f, .5f}});
  person.parts.push_back(std::move(part));
}

} // namespace fomo::render
