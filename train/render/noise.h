// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "train/render/vec.h"

namespace fomo::render {

/// A random number in -1..1 for a cell of a grid.
inline float lattice(int x, int y, int z) {
  uint32_t h = static_cast<uint32_t>(x) * 0x8da6b343u ^ static_cast<uint32_t>(y) * 0xd8163841u ^
               static_cast<uint32_t>(z) * 0xcb1ab31fu;
  h = (h ^ (h >> 15)) * 0x2c1b3c6du;
  h ^= h >> 13;
  return static_cast<float>(h & 0xffff) * (2.0f / 65535) - 1;
}

/// Smooth noise in space, -1..1, one cell a unit.
inline float noise(const Vec3& p) {
  const float fx = std::floor(p.x), fy = std::floor(p.y), fz = std::floor(p.z);
  const int x = static_cast<int>(fx), y = static_cast<int>(fy), z = static_cast<int>(fz);
  const float u = smoothstep(0, 1, p.x - fx), v = smoothstep(0, 1, p.y - fy),
              w = smoothstep(0, 1, p.z - fz);
  const auto row = [&](int j, int k) {
    return mix(lattice(x, y + j, z + k), lattice(x + 1, y + j, z + k), u);
  };
  return mix(mix(row(0, 0), row(1, 0), v), mix(row(0, 1), row(1, 1), v), w);
}

} // namespace fomo::render
