// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/executor.h"

namespace fomo::kernels {

/// Heat that is as good as none: all the cells of a picture below it sum to less than 1e-5.
constexpr float kNegligibleHeat = 1e-9F;

/// Cells [left, right) x [top, bottom); empty where right <= left.
struct HeatBox {
  int left, top, right, bottom;
};

/// What becomes of `channels` heatmaps.
struct SoftmaxResult {
  float* mean;    ///< channels x (x, y) in [-1, 1]
  float* peak;    ///< the largest value of each channel after the softmax
  HeatBox* boxes; ///< where a channel's cells are not negligible
};

/// Softmax of each channel over the picture with a temperature, in place, and where its mean lies
/// (section 3.1).
void spatial_softmax(const Image& logits, float temperature, const SoftmaxResult& result,
                     const Executor& executor);

/// A convolution of which only sums under heatmaps are wanted: the Jacobians. As everything is
/// linear, the pictures under the heatmaps are summed first, and the few sums convolved: a quarter
/// of the work, and much less where the heatmaps are narrow.
struct WindowSums {
  int kernel = 7;
  int pad = 0;
};

/// Floats of `sums` for heatmaps of `count` channels over features of `channels`.
size_t window_sum_floats(const WindowSums& window, int count, int channels);
/// sums[keypoint][tap][padded channel] of `features` under each channel of `heat`, moved by each
/// tap.
void window_sums(const WindowSums& window, const Image& features, const Image& heat,
                 const HeatBox* boxes, float* sums, const Executor& executor);

} // namespace fomo::kernels
