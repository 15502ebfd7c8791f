// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "train/render/performance.h"

namespace fomo::render {

/// Samples along one side of a pixel, and along one side of the 256x256 picture.
constexpr int kSupersampling = 2, kSamples = 256 * kSupersampling;

/// All vertices of a person in one frame, in world, camera and screen coordinates.
struct Geometry {
  std::vector<Vec3> world;  ///< decimetres
  std::vector<Vec3> view;   ///< Camera::view
  std::vector<Vec2> screen; ///< Camera::project
  std::vector<Vec3> normal; ///< unit, outwards, in the world
};

/// Computes the vertices of a person in a performance, seen by a camera.
Geometry arrange(const Assets& assets, const Person& person, const Performance& action,
                 const Camera& camera);

/// The nearest surface of one sample.
struct Hit {
  float depth = 1e9f;    ///< decimetres from the camera
  int32_t triangle = -1; ///< index into the triangles of all parts; -1: background
  float b = 0, c = 0;    ///< barycentric weights of the triangle's second and third vertex
};

/// The visible surface at `samples` x `samples` samples (depth test, cut-outs, cuts), a power of
/// two or three times one. With kSamples, sample (i, j) lies at pixel ((i + 0.5) / kSupersampling -
/// 0.5, ...) of a 256x256 picture; other numbers of samples divide the same picture more finely.
std::vector<Hit> rasterize(const Person& person, const Geometry& geometry, int samples = kSamples);

/// The triangles of all parts. Each entry has the triangle's vertices (indices into Geometry), its
/// part and its index in the part.
struct TriangleTable {
  struct Entry {
    std::array<int, 3> vertices;
    uint16_t part;
    uint32_t index;
  };
  std::vector<Entry> entries;

  explicit TriangleTable(const Person& person);
};

/// The texture's alpha, 0..255, at the texel of `uv`.
uint8_t alpha_at(const cv::Mat& texture, const Vec2& uv);

/// Texture coordinates of a hit.
inline Vec2 texture_at(const std::array<Vec2, 3>& uv, float b, float c) {
  const float a = 1 - b - c;
  return {a * uv[0].x + b * uv[1].x + c * uv[2].x, a * uv[0].y + b * uv[1].y + c * uv[2].y};
}

} // namespace fomo::render
