// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "train/render/vec.h"

namespace fomo::render {

/// Random numbers that are the same on every platform and for every number of threads: one stream
/// for each (seed, index). The standard library is not used, because its distributions differ
/// between implementations.
class Random {
 public:
  Random(uint64_t seed, uint64_t index) : state_(seed * 0x9e3779b97f4a7c15ull + index) {
    state_ = next() ^ (index * 0xbf58476d1ce4e5b9ull);
  }

  /// 64 random bits (splitmix64).
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

  /// In [0, 1).
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  bool chance(float probability) { return uniform() < probability; }
  /// In [0, count).
  size_t index(size_t count) { return static_cast<size_t>(next() % count); }

  float normal(float deviation = 1) {
    const float u = uniform() + 0x1p-25f, v = uniform();
    return deviation * std::sqrt(-2 * std::log(u)) * std::cos(6.28318531f * v);
  }

  /// Components in [low, high), independent.
  Vec3 color(float low, float high) {
    const float r = uniform(low, high), g = uniform(low, high), b = uniform(low, high);
    return {r, g, b};
  }

 private:
  uint64_t state_;
};

} // namespace fomo::render
