// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/checkpoint/config.h"
#include "model/network/layers.h"

namespace fomo {

/// Keypoints of N frames and, for the first-order model, the local motion around them.
struct Keypoints {
  at::Tensor value;    ///< T_{X<-R}(p_k): [N, K, 2], (x, y) in [-1, 1]
  at::Tensor jacobian; ///< its derivative at p_k: [N, K, 2, 2]; undefined in a zero-order model
};

/// Predicts keypoints and Jacobians as expectations under heatmaps (section 3.1 of the paper).
struct KeypointDetector {
  AntiAlias down;
  Hourglass predictor;
  Conv2d heatmap;  ///< "kp"
  Conv2d jacobian; ///< undefined weight in a zero-order model
  double temperature = 0.1;

  KeypointDetector() = default;
  KeypointDetector(const TensorMap& tensors, const ModelConfig& config);

  /// Frames [N, 3, H, W] in [0, 1].
  Keypoints operator()(const at::Tensor& frames) const;

  /// The heatmaps [N, K, h, w] (each sums to 1) and the Jacobian maps [N, K or 1, 4, h, w] that the
  /// keypoints are expectations of; h and w are 6 less than the feature map's where `pad` is 0.
  struct Maps {
    at::Tensor heatmap, jacobian;
  };
  Maps maps(const at::Tensor& frames) const;
  /// The keypoints that the maps stand for.
  static Keypoints expectation(const Maps& maps);
};

} // namespace fomo
