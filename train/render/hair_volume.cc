// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/hair_volume.h"

#include <opencv2/imgproc.hpp>

#include "train/render/fur.h"
#include "train/render/noise.h"

namespace fomo::render {
namespace {

// Distance, decimetres, of a point of the base mesh from the hair line, positive on the scalp. The
// line runs from the forehead over the temples, around the ears and down to the nape.
float from_hair_line(const Vec3& at, float forehead) {
  const float side = mix(7.62f, forehead, smoothstep(0.75f, 1.35f, at.z));
  const float line = mix(6.55f, side, smoothstep(-0.15f, 0.45f, at.z));
  const float ear = std::abs(at.x) > 0.74f && at.y < 7.62f && at.z > 0.0f ? 1.0f : 0.0f;
  return at.y - line - ear;
}

// Texture coordinates: the head seen from its top, spread out.
Vec2 from_above(const Vec3& at) {
  const Vec3 d = normalized(at - Vec3{0, 7.4f, 0.4f});
  const float r = std::acos(std::clamp(d.y, -1.0f, 1.0f)) / 3.1415927f * 0.62f;
  const float flat = std::max(std::hypot(d.x, d.z), 1e-4f);
  return {0.5f + r * d.x / flat, 0.5f + r * d.z / flat};
}

// Strands that run from the crown outwards on the texture of `from_above`.
cv::Mat combed(Random& random) {
  const cv::Mat straight = random_strands(14, 1.2f, random);
  cv::Mat result;
  cv::warpPolar(straight, result, {kFurTexture, kFurTexture},
                {kFurTexture / 2.0f, kFurTexture / 2.0f}, kFurTexture * 0.72,
                cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
  return result;
}

} // namespace

void add_hair_volume(const Assets& assets, const Vec3& color, Random& random, Person& person) {
  enum { crop, curls, up, back, fringe };
  const size_t kind = random.index(5);
  const float forehead = random.uniform(7.75f, 8.15f);
  const float volume =
      kind == crop || kind == fringe ? random.uniform(0.04f, 0.16f) : random.uniform(0.15f, 0.55f);
  const float clump = kind == curls ? random.uniform(0.3f, 0.7f) : random.uniform(0.0f, 0.3f);
  const float cells = random.uniform(3, 7); // clumps a decimetre
  const float bald = random.uniform(7.75f, 8.1f);
  Fur fur;
  for (const Vec3& v : assets.vertices) {
    const float inside = from_hair_line(v, forehead);
    float dense = smoothstep(-0.04f, 0.12f, inside);
    if (kind == fringe)
      dense *= smoothstep(bald + 0.1f, bald - 0.1f, v.y) * smoothstep(1.2f, 0.9f, v.z);
    const float full = smoothstep(-0.05f, kind == up ? 0.9f : 0.4f, inside);
    fur.density.push_back(dense);
    fur.length.push_back(volume * full * (1 + clump * noise(v * cells)));
  }
  fur.place = from_above;
  fur.strands = kind == curls ? random_strands(3, 3, random) : combed(random);
  fur.layers = volume > 0.1f ? 8 : 4;
  fur.lean = kind == up ? Vec3{0, 0.9f, 0.2f} : kind == back ? Vec3{0, 0.2f, -0.7f} : Vec3{0, 0, 0};
  fur.color = color;
  fur.cover = random.uniform(1.0f, 1.3f);
  fur.gloss = kind == curls ? 0.08f : 0.25f;
  grow(assets, fur, person);
}

} // namespace fomo::render
