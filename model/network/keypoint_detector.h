// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/checkpoint/config.h"
#include "model/network/layers.h"

namespace fomo {

/// The keypoints of N frames.
struct Keypoints {
  at::Tensor value;    ///< T_{X<-R}(p_k): [N, K, 2], (x, y) in [-1, 1]
  at::Tensor jacobian; ///< d T_{X<-R} / dp at p_k: [N, K, 2, 2]; undefined in a zero-order model
};

/// Predicts keypoints and Jacobians as expectations under heatmaps (section 3.1 of the paper).
struct KeypointDetector {
  AntiAlias down;
  Hourglass predictor;
  Conv2d heatmap;  ///< "kp" in checkpoints
  Conv2d jacobian; ///< without weight in a zero-order model
  double temperature = 0.1;

  KeypointDetector() = default;
  KeypointDetector(const TensorMap& tensors, const ModelConfig& config);

  /// Detects the keypoints of frames [N, 3, H, W] in [0, 1].
  Keypoints operator()(const at::Tensor& frames) const;

  /// The heatmaps [N, K, h, w], each of sum 1, and the Jacobian maps [N, K or 1, 4, h, w]. If `pad`
  /// is 0, h and w are smaller by 6 than the feature map's.
  struct Maps {
    at::Tensor heatmap, jacobian;
  };
  /// First step: the maps of frames [N, 3, H, W] in [0, 1].
  Maps maps(const at::Tensor& frames) const;
  /// Second step: the expectations of position and Jacobian under the heatmaps.
  static Keypoints expectation(const Maps& maps);
};

} // namespace fomo
