// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/bf16_line.h"
#include "model/kernels/isa/epilogue.h"
#include "model/kernels/isa/functions.h"

namespace fomo::kernels::FOMO_ISA {

namespace {

constexpr int kSubBlocks = kBf16Lanes / kLanes; ///< blocks of an Image in one of a Bf16Image
constexpr int kPairs = kBf16Lanes / 2, kHalf = kBf16Columns / 2;
/// Rows at a time; with 16 columns each, their sums take half of the registers.
constexpr int kRows = 4;

typedef uint32_t vwi __attribute__((vector_size(4 * kWide)));
typedef uint32_t vwiu __attribute__((vector_size(4 * kWide), aligned(2), may_alias));
typedef uint32_t v8w __attribute__((vector_size(32)));
typedef uint16_t v8h __attribute__((vector_size(16)));
typedef uint16_t v8hu __attribute__((vector_size(16), aligned(2), may_alias));
typedef uint32_t pair_u __attribute__((aligned(2), may_alias));

FOMO_INLINE void store_bf16(bf16* to, v8 value) {
  const v8w bits = (v8w)value;
  const v8w rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  *reinterpret_cast<v8hu*>(to) = __builtin_convertvector(rounded, v8h);
}

/// Stores a number and, in a split image, what rounding has left of it.
FOMO_INLINE void store_split(bf16* to, ptrdiff_t low, v8 value) {
  store_bf16(to, value);
  if (low == 0)
    return;
  const v8w rounded = __builtin_convertvector(*reinterpret_cast<const v8hu*>(to), v8w) << 16;
  store_bf16(to + low, value - (v8)rounded);
}

/// The even and the odd channel of pairs as floats.
FOMO_INLINE vw even(vwi pairs) { return (vw)(pairs << 16); }
FOMO_INLINE vw odd(vwi pairs) { return (vw)(pairs & 0xffff0000u); }

/// kRows rows of a product in kWide columns.
FOMO_INLINE void multiply_rows(const Bf16Product& p, const bf16* first, const bf16* weights,
                               float* sums) {
  vw sum[kRows] = {};
  for (int s = 0; s < p.count; s++)
    for (int i = 0; i < kPairs; i++) {
      const vwi columns =
          *reinterpret_cast<const vwiu*>(weights + p.segments[s].weights + i * kHalf * 2);
      const vw a = even(columns), b = odd(columns);
      for (int r = 0; r < kRows; r++) {
        const uint32_t pair =
            *reinterpret_cast<const pair_u*>(first + r * p.row_step + p.segments[s].row + 2 * i);
        const vwi pairs = pair - vwi{};
        sum[r] += even(pairs) * a;
        sum[r] += odd(pairs) * b;
      }
    }
  for (int r = 0; r < kRows; r++)
    store_wide(sums + r * kBf16Columns, sum[r]);
}

/// The value of one output in one block of kLanes before it is stored. With pooling it is the
/// average of four sums.
template<bool kPool>
FOMO_INLINE v8 value_of(const Bf16Line& line, int index, int block) {
  const v8 bias = load8(line.bias + block * kLanes);
  if constexpr (kPool) {
    const ptrdiff_t first = ptrdiff_t(2 * index) * kBf16Columns + block * kLanes;
    const auto at = [&](const float* from) {
      return activate(load8(from + first) + bias, line.activation);
    };
    return (at(line.sums) + at(line.sums + kBf16Columns) +
            (at(line.below) + at(line.below + kBf16Columns))) *
           splat8(0.25f);
  }
  v8 value = load8(line.sums + ptrdiff_t(index) * kBf16Columns + block * kLanes) + bias;
  if (line.residual && block < line.full_blocks)
    value += load8(line.residual + block * line.residual_stride + index * kLanes);
  return activate(value, line.activation);
}

template<bool kPool>
FOMO_INLINE void store_line(const Bf16Line& line) {
  for (int i = 0; i < line.count; i++) {
    const ptrdiff_t pixel = ptrdiff_t(i) * line.step;
#pragma GCC unroll 4
    for (int block = 0; block < kSubBlocks; block++) {
      v8 value = value_of<kPool>(line, i, block);
      if (line.full && block < line.full_blocks)
        store8(line.full + block * line.full_stride + pixel * kLanes, value);
      if (line.scale)
        value =
            relu(value * load8(line.scale + block * kLanes) + load8(line.shift + block * kLanes));
      if (line.half)
        store_split(line.half + pixel * kBf16Lanes + block * kLanes, line.low, value);
    }
  }
}

} // namespace

void bf16_multiply(const Bf16Product& p) {
  for (int r = 0; r < kBf16Rows; r += kRows) {
    const bf16* first =
        r < kBf16Rows / 2 ? p.upper + r * p.row_step : p.lower + (r - kBf16Rows / 2) * p.row_step;
    for (int column = 0; column < kBf16Columns; column += kWide)
      multiply_rows(p, first,
                    p.weights + column / kHalf * (kBf16SegmentSize / 2) + column % kHalf * 2,
                    p.sums + ptrdiff_t(r) * kBf16Columns + column);
  }
}

void bf16_store(const Bf16Line& line) {
  if (line.below)
    store_line<true>(line);
  else
    store_line<false>(line);
}

void bf16_pack_row(const Image& in, const float* scale, const float* shift, const Bf16Image& out,
                   int row) {
  for (int block = 0; block < out.blocks() * kSubBlocks; block++) {
    bf16* to = out.pixel(block / kSubBlocks, row, 0) + block % kSubBlocks * kLanes;
    if (block >= in.blocks()) {
      for (int x = 0; x < out.width; x++)
        store_split(to + ptrdiff_t(x) * kBf16Lanes, out.low, v8{});
      continue;
    }
    const float* from = in.block(block) + ptrdiff_t(row) * in.width * kLanes;
    if (scale) {
      const v8 a = load8(scale + block * kLanes), b = load8(shift + block * kLanes);
      for (int x = 0; x < out.width; x++)
        store_split(to + ptrdiff_t(x) * kBf16Lanes, out.low,
                    relu(load8(from + x * kLanes) * a + b));
    } else {
      for (int x = 0; x < out.width; x++)
        store_split(to + ptrdiff_t(x) * kBf16Lanes, out.low, load8(from + x * kLanes));
    }
  }
}

void bf16_head_store(const Bf16HeadLine& line) {
  constexpr int kOutputs = 3;
  const v4 bias = {line.bias[0], line.bias[1], line.bias[2], 0};
  const ptrdiff_t diagonal = kBf16Columns + kOutputs; // the next tap of the next pixel
  const float* first = line.sums - line.kernel / 2 * ptrdiff_t(kBf16Columns);
  for (int x = 0; x < line.width; x++, first += kBf16Columns) {
    v4 sum = bias;
    for (int u = 0; u < line.kernel; u++)
      sum += load4(first + u * diagonal);
    store4(line.result + x * kOutputs, sum); // the fourth one is overwritten
  }
  for (int i = 0; i < line.width * kOutputs; i += kLanes)
    store8(line.result + i, sigmoid(load8(line.result + i)));
}

} // namespace fomo::kernels::FOMO_ISA
