// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/image.h"
#include "model/network/generator.h"
#include "model/network/motion_transfer.h"

namespace fomo {

/// A whole First Order Motion Model.
struct Network {
  ModelConfig config;
  KeypointDetector kp_detector;
  Generator generator;

  Network() = default;
  Network(const TensorMap& tensors, const ModelConfig& config, bool align_corners);

  /// The plain reference path: one driving frame with nothing remembered but the reference's
  /// keypoints, as the paper and FOMM's demo have it. Source and driving [1, 3, H, W] in [0, 1].
  struct Frame {
    Keypoints kp_driving; ///< as detected
    Keypoints kp_norm;    ///< after motion transfer
    DenseMotion motion;
    at::Tensor prediction; ///< [1, 3, H, W] in [0, 1]
  };
  /// `reference` are the keypoints of the neutral driving frame; undefined: this one is neutral.
  Frame animate(const at::Tensor& source, const at::Tensor& driving, const Keypoints& reference,
                const FomoMotion& motion) const;
};

/// Area of the convex hull of one picture's keypoints on the face (the first num_face_kp).
double hull_area(const Keypoints& keypoints, const ModelConfig& config);

/// Packed RGB bytes [H, W, 3] as [1, 3, H, W] in [0, 1].
at::Tensor from_rgb(const ConstImage& image);
/// [1, 3, H, W] in [0, 1] as packed RGB bytes, rounded to the nearest level.
void to_rgb(const at::Tensor& picture, const FomoImage& image);

} // namespace fomo
