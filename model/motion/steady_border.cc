// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/steady_border.h"

#include <cmath>

#include "model/motion/motion_math.h"

namespace fomo {

namespace {

/// For each cell along one axis, the share of a Gaussian around the cell that lies in the interior,
/// which may move.
std::vector<float> freedom(int size, int cells, float sigma) {
  std::vector<float> result(size);
  const float scale = 1 / (std::sqrt(2.0F) * sigma);
  const auto below = [scale](float distance) { return 0.5F * std::erfc(-distance * scale); };
  for (int i = 0; i < size; i++) {
    const float from_start = static_cast<float>(i - cells) + 0.5F;
    const float from_end = static_cast<float>(size - cells - i) - 0.5F;
    result[i] = below(from_start) * below(from_end);
  }
  return result;
}

float identity(int cell, int size) { return size > 1 ? cell_coordinate(cell, size) : 0; }

} // namespace

SteadyBorder::SteadyBorder(int width, int height, int cells, float sigma)
    : width_(width), height_(height) {
  const std::vector<float> x_freedom = freedom(width, cells, sigma);
  const std::vector<float> y_freedom = freedom(height, cells, sigma);
  weights_.reserve(x_freedom.size() * y_freedom.size());
  // The outermost cells do not move at all: any motion there would be a visible step.
  const auto outermost = [cells](int i, int size) {
    return cells > 0 && (i == 0 || i == size - 1);
  };
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      weights_.push_back(
          outermost(x, width) || outermost(y, height) ? 1 : 1 - x_freedom[x] * y_freedom[y]);
}

void SteadyBorder::apply(float* deformation, float* occlusion) const {
  for (int y = 0, i = 0; y < height_; y++) {
    const float still_y = identity(y, height_);
    for (int x = 0; x < width_; x++, i++) {
      const float weight = weights_[i];
      deformation[2 * i] = held(deformation[2 * i], identity(x, width_), weight);
      deformation[2 * i + 1] = held(deformation[2 * i + 1], still_y, weight);
      if (occlusion)
        occlusion[i] = held(occlusion[i], 1, weight);
    }
  }
}

} // namespace fomo
