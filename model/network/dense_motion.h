// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/keypoint_detector.h"

namespace fomo {

/// The dense motion of driving frames.
struct DenseMotion {
  /// Backward flow T_{S<-D}: [N, h, w, 2], (x, y) in [-1, 1] of the source.
  at::Tensor deformation;
  /// Weight of each local motion, background first: [N, K+1, h, w], sums to 1.
  at::Tensor mask;
  /// 1 visible in the source, 0 hidden: [N, 1, h, w]; undefined in a model without the map.
  at::Tensor occlusion;
};

/// Combines the local motions around the keypoints into a dense motion (section 3.2 of the paper).
struct DenseMotionNetwork {
  AntiAlias down;
  Hourglass hourglass;
  Conv2d mask;
  Conv2d occlusion; ///< without weight in a model without an occlusion map
  double kp_variance = 0.01;
  bool align_corners = true;

  DenseMotionNetwork() = default;
  DenseMotionNetwork(const TensorMap& tensors, const ModelConfig& config, bool align_corners);

  /// `source`: [N, 3, H, W] in [0, 1].
  DenseMotion operator()(const at::Tensor& source, const Keypoints& kp_driving,
                         const Keypoints& kp_source) const;

  /// The local motions and the hourglass's input.
  struct Candidates {
    at::Tensor sparse_motion; ///< [N, K+1, h, w, 2], the identity first
    at::Tensor input;         ///< [N, (K+1) * 4, h, w]: heatmap, R, G, B of each candidate
  };
  /// First step: equations (4) to (6). `small_source`: the source after `down`.
  Candidates candidates(const at::Tensor& small_source, const Keypoints& kp_driving,
                        const Keypoints& kp_source) const;
  /// Second step: the hourglass, equation (7) and the occlusion map. `bias` [K+1, h, w] is added to
  /// the masks' logits; undefined: no bias.
  DenseMotion combine(const Candidates& candidates, const at::Tensor& bias = {}) const;
};

} // namespace fomo
