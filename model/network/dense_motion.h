// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/keypoint_detector.h"

namespace fomo {

/// Where every cell of the driving frame comes from in the source, and how far that is to be
/// believed.
struct DenseMotion {
  at::Tensor deformation; ///< backward flow T_{S<-D}: [N, h, w, 2], (x, y) in [-1, 1] of the source
  at::Tensor mask; ///< share of each local motion, background first: [N, K+1, h, w], sums to 1
  at::Tensor
      occlusion; ///< 1 visible in the source, 0 hidden: [N, 1, h, w]; undefined without the map
};

/// Combines the local motions around the keypoints into one (section 3.2 of the paper).
struct DenseMotionNetwork {
  AntiAlias down;
  Hourglass hourglass;
  Conv2d mask;
  Conv2d occlusion; ///< undefined weight without an occlusion map
  double kp_variance = 0.01;
  bool align_corners = true;

  DenseMotionNetwork() = default;
  DenseMotionNetwork(const TensorMap& tensors, const ModelConfig& config, bool align_corners);

  /// source [N, 3, H, W] in [0, 1].
  DenseMotion operator()(const at::Tensor& source, const Keypoints& kp_driving,
                         const Keypoints& kp_source) const;

  /// The hourglass's input and the local motions it chooses from.
  struct Candidates {
    at::Tensor sparse_motion; ///< [N, K+1, h, w, 2], the identity first
    at::Tensor input;         ///< [N, (K+1) * 4, h, w]: heatmap, R, G, B of each candidate
  };
  /// `small_source` is the source after `down`.
  Candidates candidates(const at::Tensor& small_source, const Keypoints& kp_driving,
                        const Keypoints& kp_source) const;
  /// The network's own part, from `candidates`. `bias` [K+1, h, w] is added to the masks' logits
  /// unless it is undefined.
  DenseMotion combine(const Candidates& candidates, const at::Tensor& bias = {}) const;
};

} // namespace fomo
