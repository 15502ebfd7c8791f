// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/layers.h"
#include "train/render/random.h"

namespace fomo::train {

/// Random smooth maps T of the picture plane, one for each of N frames: an affine map plus
/// thin-plate splines on a grid of control points (FOMM's equivariance constraint, section 3.1).
class Transform {
 public:
  Transform(int64_t frames, at::Device device, render::Random& random);

  /// Warps frames [N, C, H, W] by T: out(z) = frame(T(z)).
  at::Tensor frame(const at::Tensor& frames) const;
  /// T(z) of points [N, K, 2].
  at::Tensor points(const at::Tensor& z) const;
  /// dT/dz at points [N, K, 2]: [N, K, 2, 2].
  at::Tensor jacobian(const at::Tensor& z) const;

 private:
  at::Tensor affine_;  ///< [N, 2, 3]
  at::Tensor control_; ///< [25, 2]
  at::Tensor weight_;  ///< [N, 25, 2]
};

} // namespace fomo::train
