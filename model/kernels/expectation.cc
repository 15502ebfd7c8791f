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

void heat_sums(const Image& maps, const Image& heat, const HeatBox* boxes, float* sums,
               const Executor& executor) {
  constexpr int kMaps = 4;
  executor.parallel_for(heat.channels, [&](int k, int) {
    const int first = maps.channels > kMaps ? kMaps * k : 0;
    const float* map = maps.block(first / kLanes) + first % kLanes;
    const float* weight = heat.block(k / kLanes) + k % kLanes;
    double total[kMaps] = {};
    for (int y = boxes[k].top; y < boxes[k].bottom; y++) {
      float row[kMaps] = {};
      for (int x = boxes[k].left; x < boxes[k].right; x++) {
        const ptrdiff_t cell = (ptrdiff_t(y) * heat.width + x) * kLanes;
        for (int i = 0; i < kMaps; i++)
          row[i] += weight[cell] * map[cell + i];
      }
      for (int i = 0; i < kMaps; i++)
        total[i] += double{row[i]};
    }
    for (int i = 0; i < kMaps; i++)
      sums[kMaps * k + i] = float(total[i]);
  });
}

} // namespace fomo::kernels
