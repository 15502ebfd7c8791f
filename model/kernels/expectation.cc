// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/expectation.h"

namespace fomo::kernels {

void spatial_softmax(const Image& logits, float temperature, const SoftmaxResult& result,
                     const Executor& executor) {
  executor.parallel_for(logits.blocks(), [&](int block, int) {
    executor.kernels->softmax_block(logits, block, temperature, result);
  });
}

size_t window_sum_floats(const WindowSums& window, int count, int channels) {
  return size_t(count) * window.kernel * window.kernel * padded_channels(channels);
}

void window_sums(const WindowSums& window, const Image& features, const Image& heat,
                 const HeatBox* boxes, float* sums, const Executor& executor) {
  executor.parallel_for(window.kernel * window.kernel, [&](int tap, int) {
    executor.kernels->window_sum(window, features, heat, boxes, tap, sums);
  });
}

} // namespace fomo::kernels
