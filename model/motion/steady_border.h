// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

namespace fomo {

/// Keeps the border of an animated crop still, so that the crop fits into the picture around it:
/// before the generator, the dense motion of the outer cells is blended with the identity, and
/// their occlusion with 1 (visible).
class SteadyBorder {
 public:
  /// For a dense motion of `width` x `height` cells. The outer `cells` cells are kept still, with a
  /// Gaussian transition of `sigma` cells around their inner edge.
  SteadyBorder(int width, int height, int cells = 4, float sigma = 1.5F);

  /// The weight of the identity in each cell: [height][width], 1 still, 0 free. For backends that
  /// blend on a device.
  const std::vector<float>& weights() const { return weights_; }

  /// Blends `deformation` [height][width][2] and `occlusion` [height][width] (may be null) in
  /// place. The identity is the coordinate grid of the dense motion network (see
  /// cell_coordinate()).
  void apply(float* deformation, float* occlusion) const;

 private:
  int width_, height_;
  std::vector<float> weights_;
};

} // namespace fomo
