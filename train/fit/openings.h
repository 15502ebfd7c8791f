// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include "train/data/landmarks.h"

namespace fomo::train {

/// From the upper to the lower edge of both eyes and of the mouth, [N, 3, 2], of keypoints [N, K,
/// 2].
at::Tensor openings(const at::Tensor& keypoints);

/// A Gaussian of height 1 around the middle of an opening, [N, h, w]; deviations are normalised.
at::Tensor spot_on(const at::Tensor& keypoints, const Opening& opening, int64_t height,
                   int64_t width, double sigma_x, double sigma_y);

/// Weight map [N, 1, h, w]: 1, and up to 1 + `extra` around lids and lips of the frame whose
/// keypoints are given.
at::Tensor eye_and_mouth_weight(const at::Tensor& keypoints, int64_t height, int64_t width,
                                double extra);

} // namespace fomo::train
