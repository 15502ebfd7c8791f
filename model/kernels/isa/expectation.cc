// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/expectation.h"

#include "model/kernels/isa/functions.h"
#include "model/kernels/isa/vec.h"
#include "model/kernels/motion_math.h"

namespace fomo::kernels::FOMO_ISA {

namespace {

/// Where a lane's cells are larger than kNegligibleHeat.
struct BoxLanes {
  v8 left = splat(1e9f), top = splat(1e9f), right = {}, bottom = {};

  void add(v8 heat, float x, float y) {
    const auto matters = heat > splat(kNegligibleHeat);
    left = matters ? min(left, splat(x)) : left;
    top = matters ? min(top, splat(y)) : top;
    right = matters ? max(right, splat(x + 1)) : right;
    bottom = matters ? max(bottom, splat(y + 1)) : bottom;
  }
};

} // namespace

void softmax_block(const Image& logits, int block, float temperature, const SoftmaxResult& result) {
  float* const cells = logits.block(block);
  const ptrdiff_t count = logits.pixels();
  v8 top = load(cells);
  for (ptrdiff_t i = 1; i < count; i++)
    top = max(top, load(cells + i * kLanes));
  const v8 scale = splat(1 / temperature);
  v8 total = {}, sum_x = {}, sum_y = {};
  float* cell = cells;
  for (int y = 0; y < logits.height; y++) {
    v8 row = {}, row_x = {};
    for (int x = 0; x < logits.width; x++, cell += kLanes) {
      const v8 weight = exp((load(cell) - top) * scale);
      store(cell, weight);
      row += weight;
      row_x += weight * splat(cell_coordinate(x, logits.width));
    }
    total += row;
    sum_x += row_x;
    sum_y += row * splat(cell_coordinate(y, logits.height));
  }
  const v8 share = splat(1) / total;
  BoxLanes box;
  cell = cells;
  for (int y = 0; y < logits.height; y++)
    for (int x = 0; x < logits.width; x++, cell += kLanes) {
      const v8 heat = load(cell) * share;
      store(cell, heat);
      box.add(heat, float(x), float(y));
    }
  sum_x *= share;
  sum_y *= share;
  for (int lane = 0; lane < kLanes && block * kLanes + lane < logits.channels; lane++) {
    result.mean[2 * (block * kLanes + lane)] = sum_x[lane];
    result.mean[2 * (block * kLanes + lane) + 1] = sum_y[lane];
    result.peak[block * kLanes + lane] = share[lane]; // where the exponent is 0
    result.boxes[block * kLanes + lane] = {int(box.left[lane]), int(box.top[lane]),
                                           int(box.right[lane]), int(box.bottom[lane])};
  }
}

namespace {

/// sums[k][block] over the picture for N keypoints of one block of heatmaps and two blocks of
/// features.
template<int N>
FOMO_INLINE void sum_under(const float* heat, const float* left, const float* right,
                           ptrdiff_t cells, v8 (&sums)[4][2]) {
  v8 a[N], b[N];
  for (int k = 0; k < N; k++)
    a[k] = sums[k][0], b[k] = sums[k][1];
  for (ptrdiff_t i = 0; i < cells; i++) {
    const v8 x = load(left + i * kLanes), y = load(right + i * kLanes);
#pragma GCC unroll 8
    for (int k = 0; k < N; k++) {
      const v8 weight = splat(heat[i * kLanes + k]);
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

/// The cells that `count` heatmaps have in common with the tap's window into the features.
HeatBox common_box(const HeatBox* boxes, int count, HeatBox limit) {
  HeatBox box = boxes[0];
  for (int k = 1; k < count; k++)
    box = {least(box.left, boxes[k].left), least(box.top, boxes[k].top),
           most(box.right, boxes[k].right), most(box.bottom, boxes[k].bottom)};
  return {most(box.left, limit.left), most(box.top, limit.top), least(box.right, limit.right),
          least(box.bottom, limit.bottom)};
}

} // namespace

void window_sum(const WindowSums& window, const Image& features, const Image& heat,
                const HeatBox* boxes, int tap, float* sums) {
  constexpr int kGroup = 4;
  const int depth = padded_channels(features.channels), taps = window.kernel * window.kernel;
  const int dy = tap / window.kernel - window.pad, dx = tap % window.kernel - window.pad;
  const HeatBox inside = {-dx, -dy, features.width - dx, features.height - dy};
  for (int k = 0; k < heat.channels; k += kGroup) {
    const int count = least(kGroup, heat.channels - k);
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
        store(to, sum[i][0]);
        if (pair)
          store(to + kLanes, sum[i][1]);
      }
    }
  }
}

} // namespace fomo::kernels::FOMO_ISA
