// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "model/network/keypoint_detector.h"
#include "train/data/example.h"

namespace fomo::train {

/// Examples as tensors.
struct Batch {
  at::Tensor source, driving;         ///< [N, 3, 256, 256]
  Keypoints kp_source, kp_driving;    ///< true ones
  std::array<Keypoints, 2> kp_driver; ///< of somebody else who does the same, in both frames
  at::Tensor flow;                    ///< [N, 64, 64, 2]
  at::Tensor visibility, person;      ///< [N, 1, 64, 64]
};

/// The source's keypoints led by the driver: relative motion, with the scale of each pair's faces.
Keypoints led_by_driver(const Batch& batch);

/// `count` pairs of `data` that `random` draws.
Batch draw_batch(const Dataset& data, int count, const Augmentation& augmentation,
                 render::Random& random);

/// Pairs `first` .. `first + count` as they are.
Batch take_batch(const Dataset& data, size_t first, int count);

} // namespace fomo::train
