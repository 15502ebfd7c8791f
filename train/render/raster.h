// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "train/render/performance.h"

namespace fomo::render {

/// Samples along one side of a picture and per pixel of 256.
constexpr int kSupersampling = 2, kSamples = 256 * kSupersampling;

/// All vertices of a person in one frame, as the camera sees them.
struct Geometry {
  std::vector<Vec3> world;  ///< decimetres
  std::vector<Vec3> view;   ///< Camera::view
  std::vector<Vec2> screen; ///< Camera::project
  std::vector<Vec3> normal; ///< unit, outwards, in the world
};

/// The person in a performance, seen by a camera.
Geometry arrange(const Assets& assets, const Person& person, const Performance& action,
                 const Camera& camera);

/// The nearest surface of one sample.
struct Hit {
  float depth = 1e9f;    ///< decimetres from the camera
  int32_t triangle = -1; ///< among all parts' triangles in order; -1: background
  float b = 0, c = 0;    ///< weights of its second and third vertex
};

/// Depth test and cut-outs at kSamples x kSamples samples. Sample (i, j) lies at pixel
/// ((i + 0.5) / kSupersampling - 0.5, ...).
std::vector<Hit> rasterize(const Person& person, const Geometry& geometry);

/// Of every triangle of every part: its vertices (numbers in Geometry), part and place in the part.
struct TriangleTable {
  struct Entry {
    std::array<int, 3> vertices;
    uint16_t part;
    uint32_t index;
  };
  std::vector<Entry> entries;

  explicit TriangleTable(const Person& person);
};

/// Texture coordinates of a hit.
inline Vec2 texture_at(const std::array<Vec2, 3>& uv, float b, float c) {
  const float a = 1 - b - c;
  return {a * uv[0].x + b * uv[1].x + c * uv[2].x, a * uv[0].y + b * uv[1].y + c * uv[2].y};
}

} // namespace fomo::render
