// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include <c10/core/Device.h>
#include <opencv2/core.hpp>

#include "model/network/keypoint_detector.h"
#include "train/data/example.h"

namespace fomo::train {

/// Examples as tensors. A batch of videos has only `source` and `driving`.
struct Batch {
  at::Tensor source, driving;         ///< bytes [N, H, W, 3]; once loaded [N, 3, H, W] in [0, 1]
  Keypoints kp_source, kp_driving;    ///< ground truth
  std::array<Keypoints, 2> kp_driver; ///< of another identity (the driver) who performs both frames
  at::Tensor driver_scale; ///< [N, 1, 1] how much larger the source's face is than the driver's
  at::Tensor flow;         ///< [N, 64, 64, 2]
  at::Tensor visibility, person; ///< [N, 1, 64, 64]
};

/// The source's keypoints moved by the driver's motion (relative motion, scaled by `driver_scale`).
Keypoints transfer_from_driver(const Batch& batch);

/// Copies a batch to `device` and converts its pictures to floats.
Batch load(const Batch& batch, at::Device device);

/// Pictures of one size, 8-bit RGB, as [N, H, W, 3].
at::Tensor stack_pictures(const std::vector<cv::Mat>& pictures);

/// Draws `count` random pairs of `data`, augments them and loads them to `device`.
Batch draw_batch(const Dataset& data, int count, const Augmentation& augmentation,
                 at::Device device, render::Random& random);

/// Loads the pairs `first` .. `first + count` of `data` to `device`, without augmentation.
Batch take_batch(const Dataset& data, size_t first, int count, at::Device device);

} // namespace fomo::train
