// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/head_conv.h"

#include "model/kernels/isa/functions.h"
#include "model/motion/motion_math.h"

namespace fomo::kernels::FOMO_ISA {

namespace {

constexpr int kVectors = 3;
constexpr int kColumns = kVectors * kLanes;
constexpr int kOutputs = HeadConv::kOutputs;
/// Channel blocks at a time. Their weights stay in the first-level cache along a row.
constexpr int kChunk = 4;

/// Pixels at a time; their sums take three quarters of the registers.
constexpr int kPixels = kRegisters / 4;

/// Adds the products of channel blocks [first, last) and kernel rows [top, bottom) to
/// sums[pixel][column] for N pixels. Without `add` the sums start from zero.
template<int N>
FOMO_INLINE void add_taps(const HeadRow& row, const float* pixels, int first, int last, int top,
                          int bottom, float* sums, bool add) {
  v8 sum[N][kVectors];
#pragma GCC unroll 8
  for (int n = 0; n < N; n++)
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++)
      sum[n][j] = add ? load8(sums + n * kColumns + j * kLanes) : v8{};
  const ptrdiff_t line = ptrdiff_t(row.in.width) * kLanes;
  for (int block = first; block < last; block++)
    for (int v = top; v < bottom; v++) {
      const float* x = pixels + block * row.in.block_stride + v * line;
      const float* w = row.weights + (ptrdiff_t(block) * row.kernel + v) * kLanes * kColumns;
#pragma GCC unroll 8
      for (int i = 0; i < kLanes; i++, w += kColumns) {
        const v8 a = load8(w), b = load8(w + kLanes), c = load8(w + 2 * kLanes);
#pragma GCC unroll 8
        for (int n = 0; n < N; n++) {
          const v8 value = splat8(x[n * kLanes + i]);
          sum[n][0] += value * a;
          sum[n][1] += value * b;
          sum[n][2] += value * c;
        }
      }
    }
#pragma GCC unroll 8
  for (int n = 0; n < N; n++)
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; j++)
      store8(sums + n * kColumns + j * kLanes, sum[n][j]);
}

} // namespace

void head_row(const HeadRow& row, int y) {
  const int pad = row.kernel / 2, width = row.in.width;
  const int top = max(0, pad - y), bottom = min(row.kernel, row.in.height + pad - y);
  const float* pixels = row.in.data + ptrdiff_t(y - pad) * width * kLanes;
  const int blocks = row.in.blocks();
  for (int first = 0; first < blocks; first += kChunk) {
    const int last = min(blocks, first + kChunk);
    int x = 0;
    for (; x + kPixels <= width; x += kPixels)
      add_taps<kPixels>(row, pixels + x * kLanes, first, last, top, bottom,
                        row.sums + ptrdiff_t(x) * kColumns, first > 0);
    for (; x < width; x++)
      add_taps<1>(row, pixels + x * kLanes, first, last, top, bottom,
                  row.sums + ptrdiff_t(x) * kColumns, first > 0);
  }
  for (int x = 0; x < width; x++) {
    float sum[kOutputs];
    for (int o = 0; o < kOutputs; o++)
      sum[o] = row.bias[o];
    const int first = max(0, pad - x), last = min(row.kernel, width + pad - x);
    const float* diagonal = row.sums + ptrdiff_t(x - pad) * kColumns;
    for (int u = first; u < last; u++)
      for (int o = 0; o < kOutputs; o++)
        sum[o] += diagonal[u * (kColumns + kOutputs) + o];
    for (int o = 0; o < kOutputs; o++)
      row.result[x * kOutputs + o] = sum[o];
  }
  // The last vector may extend beyond the row; `result` has room for it.
  for (int i = 0; i < width * kOutputs; i += kLanes)
    store8(row.result + i, sigmoid(load8(row.result + i)));
}

void levels_of(const float* values, int count, uint8_t* levels) {
  for (int i = 0; i < count; i++)
    levels[i] = level_of(values[i]);
}

} // namespace fomo::kernels::FOMO_ISA
