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

  /// The result of `animate`.
  struct Frame {
    Keypoints kp_driving; ///< before motion transfer
    Keypoints kp_norm;    ///< after motion transfer
    DenseMotion motion;
    at::Tensor prediction; ///< [1, 3, H, W] in [0, 1]
  };
  /// Animates one driving frame with the whole network, as the paper and FOMM's demo do: the source
  /// is encoded with every frame, its keypoints `kp_source` are detected once. `source` and
  /// `driving`: [1, 3, H, W] in [0, 1]. `reference`: the keypoints of the neutral driving frame;
  /// undefined: `driving` is neutral.
  Frame animate(const at::Tensor& source, const Keypoints& kp_source, const at::Tensor& driving,
                const Keypoints& reference, const FomoMotion& motion) const;
};

/// Area of the convex hull of one picture's keypoints on the face (the first num_face_kp).
double hull_area(const Keypoints& keypoints, const ModelConfig& config);

/// Converts an RGB image [H, W, 3] to [1, 3, H, W] in [0, 1].
at::Tensor from_rgb(const ConstImage& image);
/// Converts [1, 3, H, W] in [0, 1] to an RGB image [H, W, 3], rounded to the nearest level.
void to_rgb(const at::Tensor& picture, const FomoImage& image);

} // namespace fomo
