// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>

#include "train/render/person.h"

namespace fomo::render {

/// Hair that grows on the skin: layers of skin, each further out, in which only the longer strands
/// are left.
struct Fur {
  std::vector<float> density;             ///< of each base vertex, 0..1
  std::vector<float> length;              ///< of each base vertex, decimetres
  std::function<Vec2(const Vec3&)> place; ///< texture coordinates of a point of the base mesh
  cv::Mat strands; ///< how far strands reach, 0..1; 32-bit, kFurTexture square
  int layers = 5;
  Vec3 lean; ///< added to the skin's normal, in which direction the strands grow
  Vec3 color{1, 1, 1};
  float cover = 1; ///< how dense the densest places are
  float gloss = 0.1f;
};

constexpr int kFurTexture = 512;

/// Random strands; `across` and `along`: their extents in texels, horizontally and vertically.
cv::Mat random_strands(float across, float along, Random& random);

/// Adds the layers to a person whose skin has been added.
void grow(const Assets& assets, const Fur& fur, Person& person);

} // namespace fomo::render
