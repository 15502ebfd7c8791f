// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include "train/data/landmarks.h"

namespace fomo::train {

/// Vectors [N, 3, 2] from the upper to the lower edge of left eye, right eye and mouth, of
/// keypoints [N, K, 2].
at::Tensor openings(const at::Tensor& keypoints);

/// A Gaussian of height 1 around the middle of an opening, [N, h, w]; `sigma_x` and `sigma_y` are
/// in normalised coordinates.
at::Tensor spot_on(const at::Tensor& keypoints, const Opening& opening, int64_t height,
                   int64_t width, double sigma_x, double sigma_y);

/// Weight map [N, 1, h, w] of a frame with `keypoints`: up to 1 + `extra` around lids and lips, 1
/// elsewhere.
at::Tensor eye_and_mouth_weight(const at::Tensor& keypoints, int64_t height, int64_t width,
                                double extra);

} // namespace fomo::train
