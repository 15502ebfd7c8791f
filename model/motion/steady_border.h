// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

namespace fomo {

/// Holds the border of the animated picture still, so that it fits into the picture around it: in
/// the outer cells of the dense motion the deformation becomes the identity and the occlusion map
/// "visible" before the generator sees them.
class SteadyBorder {
 public:
  /// For fields of `width` x `height` cells: the outer `cells` cells are held, with a Gaussian
  /// transition of `sigma` cells around their inner edge.
  SteadyBorder(int width, int height, int cells = 4, float sigma = 1.5F);

  /// How far each cell is held: [height][width], 1 still, 0 free. For backends that blend on a
  /// device.
  const std::vector<float>& weights() const { return weights_; }

  /// Changes `deformation` [height][width][2] and `occlusion` [height][width] (may be null) in
  /// place. The identity is the dense motion network's own grid, whose outermost cells lie at -1
  /// and 1.
  void apply(float* deformation, float* occlusion) const;

 private:
  int width_, height_;
  std::vector<float> weights_;
};

} // namespace fomo
