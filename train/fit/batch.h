// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include <c10/core/Device.h>
#include <opencv2/core.hpp>

#include "model/network/keypoint_detector.h"
#include "train/data/example.h"

namespace fomo::train {

/// Examples as tensors. From videos there are only pictures.
struct Batch {
  at::Tensor source, driving;         ///< bytes [N, H, W, 3]; once loaded [N, 3, H, W] in [0, 1]
  Keypoints kp_source, kp_driving;    ///< true ones
  std::array<Keypoints, 2> kp_driver; ///< of somebody else who does the same, in both frames
  at::Tensor driver_scale; ///< [N, 1, 1] how much larger the source's face is than the driver's
  at::Tensor flow;         ///< [N, 64, 64, 2]
  at::Tensor visibility, person; ///< [N, 1, 64, 64]
};

/// The source's keypoints led by the driver: relative motion, with the scale of each pair's faces.
Keypoints led_by_driver(const Batch& batch);

/// A batch as networks on `device` take it.
Batch load(const Batch& batch, at::Device device);

/// Pictures of one size, 8-bit RGB, as [N, H, W, 3].
at::Tensor stack_pictures(const std::vector<cv::Mat>& pictures);

/// `count` pairs of `data` that `random` draws, loaded to `device`.
Batch draw_batch(const Dataset& data, int count, const Augmentation& augmentation,
                 at::Device device, render::Random& random);

/// Pairs `first` .. `first + count` as they are, likewise.
Batch take_batch(const Dataset& data, size_t first, int count, at::Device device);

} // namespace fomo::train
