// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/garment.h"

#include <opencv2/imgproc.hpp>

#include "train/render/backdrop.h"
#include "train/render/shell.h"

namespace fomo::render {
namespace {

constexpr float kTurn = 6.28318531f;

// Folds that hang from the shoulders and run around the chest.
float fold(const Vec3& at, float below) {
  const float side = std::abs(at.x);
  const float hanging =
      std::sin(5.0f * at.x + 1.7f * std::sin(2.2f * at.y + at.x)) * smoothstep(0.5f, 1.6f, below);
  const float pulled = std::sin(8.0f * (at.y + 0.8f * side) + 2.1f * std::sin(1.7f * at.x + 0.6f)) *
                       smoothstep(0.35f, 1.0f, side) * smoothstep(0.15f, 0.6f, below);
  return 0.5f * hanging + 0.5f * pulled;
}

// The collar's cross-section: distances along the shell towards the neck, and outwards. `front` is
// 1 at the front, 0 at the back.
Section profile(Collar collar, float front) {
  switch (collar) {
  case Collar::roll:
    return {{-.14f, .03f}, {-.15f, .10f}, {-.02f, .15f}, {.14f, .14f},
            {.22f, .09f},  {.23f, .03f},  {.18f, -.02f}};
  case Collar::shirt: {
    const float leaf = mix(0.10f, 0.42f, front * front); // the points hang down at the front
    return {{-.04f, .02f},
            {.14f, .03f},
            {.24f, .03f},
            {.29f, .05f},
            {.27f, .09f},
            {.12f, .13f},
            {-.08f - 0.5f * leaf, .13f},
            {-.1f - leaf, .10f},
            {-.1f - leaf, .06f}};
  }
  case Collar::edge:
    return {{-.02f, .0f}, {-.02f, .025f}, {.01f, .025f}, {.015f, -.01f}};
  case Collar::rib:
    break;
  }
  return {{-.03f, .0f},   {-.025f, .035f}, {.0f, .05f},   {.07f, .055f}, {.13f, .045f},
          {.165f, .025f}, {.17f, .0f},     {.15f, -.03f}, {.0f, -.07f},  {-.15f, -.12f}};
}

cv::Mat with_alpha(const cv::Mat& bgr) {
  cv::Mat result;
  cv::cvtColor(bgr, result, cv::COLOR_BGR2BGRA);
  return result;
}

// The pattern of the whole shell, 6x6 decimetres, and the texture coordinates into it.
void cover(const GarmentStyle& style, float neck, Shell& shell) {
  constexpr float extent = 6;
  cv::Mat tiled;
  cv::repeat(style.pattern, 3, 3, tiled);
  shell.part.material.texture = with_alpha(tiled);
  for (const auto& t : shell.part.triangles) {
    std::array<Vec2, 3> uv;
    for (size_t c = 0; c < 3; c++) {
      const Vec3& at = shell.at[t[c]];
      uv[c] = {at.x / extent + 0.5f, (neck - at.y + 0.7f * at.z) / extent + 0.25f};
    }
    shell.part.uv.push_back(uv);
  }
}

// Ribs across the collar for knitwear; plain cloth otherwise.
cv::Mat collar_texture(const GarmentStyle& style) {
  const cv::Scalar mean = cv::mean(style.pattern);
  cv::Mat texture(4, 2048, CV_8UC3, mean);
  if (style.collar == Collar::rib || style.collar == Collar::roll)
    for (int x = 0; x < texture.cols; x++) {
      const float wave = 0.5f + 0.5f * std::cos(kTurn * static_cast<float>(x) / 16);
      const double level = mix(0.72f, 1.06f, std::sqrt(wave));
      texture.col(x).setTo(mean * level);
    }
  return with_alpha(texture);
}

} // namespace

GarmentStyle GarmentStyle::sample(float neck, Random& random) {
  GarmentStyle style;
  const float kind = random.uniform();
  style.collar = kind < 0.4f    ? Collar::rib
                 : kind < 0.55f ? Collar::roll
                 : kind < 0.8f  ? Collar::shirt
                                : Collar::edge;
  style.tilt = random.uniform(0.25f, 0.55f);
  style.height = neck + (style.collar == Collar::roll ? random.uniform(0.0f, 0.35f)
                                                      : random.uniform(-0.5f, -0.12f));
  style.slope = random.uniform(0.2f, 0.4f);
  if (style.collar != Collar::roll && random.chance(0.35f))
    style.depth = random.uniform(0.1f, 1.0f);
  style.thickness = random.uniform(0.04f, 0.14f);
  style.folds = random.uniform(0.0f, 1.0f);
  style.pattern = fabric(random);
  if (random.chance(0.4f))
    style.collar_tint = random.color(0.6f, 1.4f);
  style.relief = random.uniform(0.0f, 1.0f);
  return style;
}

float GarmentStyle::below(const Vec3& rest) const {
  const float across = std::abs(rest.x);
  const float neckline = rest.z > 0.2f ? depth * std::max(0.0f, 1 - across / 0.8f) : 0;
  return height - tilt * std::clamp(rest.z, -0.6f, 1.1f) +
         slope * std::clamp(across - 0.5f, 0.0f, 1.2f) - neckline - rest.y;
}

void put_on(const Assets& assets, const GarmentStyle& style, Person& person) {
  const Vec3 neck = assets.centre("joint-neck", person.neutral);
  std::vector<float> below;
  for (const Vec3& v : person.neutral)
    below.push_back(style.below(v));
  Draping draping;
  draping.thickness = style.thickness;
  draping.relief = [&](const Vec3& at, float inside) {
    return 0.06f * style.folds * fold(at, inside);
  };
  Shell shell = make_shell(assets, below, person.neutral, draping);
  Material& cloth = shell.part.material;
  cloth.surface = Surface::cloth;
  cloth.gloss = 0.12f;
  cloth.relief = style.relief;
  cover(style, neck.y, shell);
  const auto ring = outline(
      shell, false, style.depth > 0.2f ? 2 : 6,
      [](const Vec3& at) { return std::abs(at.x) < 1.6f; },
      [&](const Vec3&
              at) { // along the neckline's slope, and a little more upright than the shoulder
        return Vec3{at.x > 0 ? -style.slope : style.slope, 1.4f, style.tilt};
      });
  Material trim = cloth;
  person.parts.push_back(std::move(shell.part));
  if (ring.empty())
    return;
  Part collar = sweep(
      ring, [&](float front) { return profile(style.collar, front); },
      style.collar == Collar::shirt ? 0.06f : 0, person.neutral);
  trim.texture = collar_texture(style);
  trim.two_sided = true;
  trim.tint = style.collar_tint;
  collar.material = trim;
  person.parts.push_back(std::move(collar));
}

void lower_arms(float share, const Vec3& neck, std::vector<Vec3>& vertices) {
  for (Vec3& v : vertices) {
    if (v.y > neck.y + 0.3f || std::abs(v.x) < 0.5f)
      continue;
    const float side = v.x > 0 ? 1.0f : -1.0f, across = std::abs(v.x);
    const Vec3 shoulder{side * 1.75f, neck.y - 0.65f, neck.z},
        collarbone{side * 0.4f, neck.y - 0.6f, neck.z};
    v = shoulder +
        rotate(v - shoulder, {0, 0, -side * 0.7f * share * smoothstep(1.3f, 2.3f, across)});
    v = collarbone +
        rotate(v - collarbone, {0, 0, -side * 0.22f * share * smoothstep(0.5f, 1.6f, across)});
  }
}

} // namespace fomo::render
