// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/executor.h"

namespace fomo::kernels {

/// Values of a heatmap below this are ignored: in one picture they sum to less than 1e-5.
constexpr float kNegligibleHeat = 1e-9F;

/// Cells [left, right) x [top, bottom); empty where right <= left.
struct HeatBox {
  int left, top, right, bottom;
};

/// Results of spatial_softmax(), one entry for each channel.
struct SoftmaxResult {
  float* mean;    ///< (x, y) in [-1, 1], the expectation of the place
  float* peak;    ///< the largest value after the softmax
  HeatBox* boxes; ///< contains all cells above kNegligibleHeat
};

/// Softmax of each channel over the picture with a temperature, in place, and the expectations of
/// the results (section 3.1 of the paper).
void spatial_softmax(const Image& logits, float temperature, const SoftmaxResult& result,
                     const Executor& executor);

/// The convolution of the Jacobians, whose result is needed only as sums weighted by heatmaps. Both
/// steps are linear, so that the order is exchanged: the features are weighted and summed first,
/// and the convolution is applied to the sums. This takes a quarter of the multiplications, and
/// much fewer for narrow heatmaps.
struct WindowSums {
  int kernel = 7;
  int pad = 0;
};

/// Size of the array `sums` of window_sums() for `count` heatmaps and `channels` features, floats.
size_t window_sum_floats(const WindowSums& window, int count, int channels);
/// sums[keypoint][tap][padded channel] = the sum over all cells of heat[keypoint] times the
/// features of the cell shifted by the tap. `boxes`: those of spatial_softmax().
void window_sums(const WindowSums& window, const Image& features, const Image& heat,
                 const HeatBox* boxes, float* sums, const Executor& executor);

/// The sums of four maps weighted by each heatmap: sums[keypoint][i] = the sum over the cells of
/// heat[keypoint] * maps[4 * keypoint + i], or of maps[i] if there are only four. `boxes`: those of
/// spatial_softmax().
void heat_sums(const Image& maps, const Image& heat, const HeatBox* boxes, float* sums,
               const Executor& executor);

} // namespace fomo::kernels
