// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/expectation.h"

#include "model/kernels/isa/functions.h"
#include "model/motion/motion_math.h"

namespace fomo::kernels::FOMO_ISA {

namespace {

/// For each lane, the box of the cells above kNegligibleHeat.
struct BoxLanes {
  v8 left = splat8(1e9f), top = splat8(1e9f), right = {}, bottom = {};

  void add(v8 heat, float x, float y) {
    const auto matters = heat > splat8(kNegligibleHeat);
    left = matters ? min(left, splat8(x)) : left;
    top = matters ? min(top, splat8(y)) : top;
    right = matters ? max(right, splat8(x + 1)) : right;
    bottom = matters ? max(bottom, splat8(y + 1)) : bottom;
  }
};

} // namespace

void softmax_block(const Image& logits, int block, float temperature, const SoftmaxResult& result) {
  float* const cells = logits.block(block);
  const ptrdiff_t count = logits.pixels();
  v8 top = load8(cells);
  for (ptrdiff_t i = 1; i < count; i++)
    top = max(top, load8(cells + i * kLanes));
  const v8 scale = splat8(1 / temperature);
  v8 total = {}, sum_x = {}, sum_y = {};
  float* cell = cells;
  for (int y = 0; y < logits.height; y++) {
    v8 row = {}, row_x = {};
    for (int x = 0; x < logits.width; x++, cell += kLanes) {
      const v8 weight = exp((load8(cell) - top) * scale);
      store8(cell, weight);
      row += weight;
      row_x += weight * splat8(cell_coordinate(x, logits.width));
    }
    total += row;
    sum_x += row_x;
    sum_y += row * splat8(cell_coordinate(y, logits.height));
  }
  const v8 share = splat8(1) / total;
  BoxLanes box;
  cell = cells;
  for (int y = 0; y < logits.height; y++)
    for (int x = 0; x < logits.width; x++, cell += kLanes) {
      const v8 heat = load8(cell) * share;
      store8(cell, heat);
      box.add(heat, float(x), float(y));
    }
  sum_x *= share;
  sum_y *= share;
  for (int lane = 0; lane < kLanes && block * kLanes + lane < logits.channels; lane++) {
    result.mean[2 * (block * kLanes + lane)] = sum_x[lane];
    result.mean[2 * (block * kLanes + lane) + 1] = sum_y[lane];
    result.peak[block * kLanes + lane] = share[lane]; // the largest value: e^0 / total
    result.boxes[block * kLanes + lane] = {int(box.left[lane]), int(box.top[lane]),
                                           int(box.right[lane]), int(box.bottom[lane])};
  }
}

namespace {

/// Adds heat * features of `cells` cells to sums[keypoint][block], for N keypoints of one block of
/// heatmaps and two blocks of features.
template<int N>
FOMO_INLINE void sum_under(const float* heat, const float* left, const float* right,
                           ptrdiff_t cells, v8 (&sums)[4][2]) {
  v8 a[N], b[N];
  for (int k = 0; k < N; k++)
    a[k] = sums[k][0], b[k] = sums[k][1];
  for (ptrdiff_t i = 0; i < cells; i++) {
    const v8 x = load8(left + i * kLanes), y = load8(right + i * kLanes);
#pragma GCC unroll 8
    for (int k = 0; k < N; k++) {
      const v8 weight = splat8(heat[i * kLanes + k]);
      a[k] += weight * x;
      b[k] += weight * y;
    }
  }
  for (int k = 0; k < N; k++)
    sums[k][0] = a[k], sums[k][1] = b[k];
}

FOMO_INLINE void sum_under(int count, const float* heat, const float* left, const float* right,
                           ptrdiff_t cells, v8 (&sums)[4][2]) {
  switch (count) {
  case 1:
    return sum_under<1>(heat, left, right, cells, sums);
  case 2:
    return sum_under<2>(heat, left, right, cells, sums);
  case 3:
    return sum_under<3>(heat, left, right, cells, sums);
  default:
    return sum_under<4>(heat, left, right, cells, sums);
  }
}

/// The smallest box around the boxes of `count` heatmaps, within `limit`.
HeatBox common_box(const HeatBox* boxes, int count, HeatBox limit) {
  HeatBox box = boxes[0];
  for (int k = 1; k < count; k++)
    box = {min(box.left, boxes[k].left), min(box.top, boxes[k].top), max(box.right, boxes[k].right),
           max(box.bottom, boxes[k].bottom)};
  return {max(box.left, limit.left), max(box.top, limit.top), min(box.right, limit.right),
          min(box.bottom, limit.bottom)};
}

} // namespace

void window_sum(const WindowSums& window, const Image& features, const Image& heat,
                const HeatBox* boxes, int tap, float* sums) {
  constexpr int kGroup = 4;
  const int depth = padded_channels(features.channels), taps = window.kernel * window.kernel;
  const int dy = tap / window.kernel - window.pad, dx = tap % window.kernel - window.pad;
  const HeatBox inside = {-dx, -dy, features.width - dx, features.height - dy};
  for (int k = 0; k < heat.channels; k += kGroup) {
    const int count = min(kGroup, heat.channels - k);
    const HeatBox box = common_box(boxes + k, count, inside);
    const float* heat_block = heat.block(k / kLanes) + k % kLanes;
    for (int block = 0; block < features.blocks(); block += 2) {
      const bool pair = block + 1 < features.blocks();
      v8 sum[kGroup][2] = {};
      for (int y = box.top; y < box.bottom; y++) {
        const float* row = heat_block + (ptrdiff_t(y) * heat.width + box.left) * kLanes;
        const ptrdiff_t at = (ptrdiff_t(y + dy) * features.width + box.left + dx) * kLanes;
        sum_under(count, row, features.block(block) + at,
                  features.block(pair ? block + 1 : block) + at, box.right - box.left, sum);
      }
      for (int i = 0; i < count; i++) {
        float* to = sums + (ptrdiff_t(k + i) * taps + tap) * depth + block * kLanes;
        store8(to, sum[i][0]);
        if (pair)
          store8(to + kLanes, sum[i][1]);
      }
    }
  }
}

} // namespace fomo::kernels::FOMO_ISA
