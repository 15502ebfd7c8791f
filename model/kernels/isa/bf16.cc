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

/// The even and the odd channel of pairs as floats.
FOMO_INLINE vw even(vwi pairs) { return (vw)(pairs << 16); }
FOMO_INLINE vw odd(vwi pairs) { return (vw)(pairs & 0xffff0000u); }

/// kRows rows of a product in kWide columns.
FOMO_INLINE void multiply_rows(const Bf16Product& p, const bf16* first, const bf16* weights,
                               float* sums) {
  vw sum[kRows] = {};
  for (int s = 0; s < p.segments; s++, weights += kBf16SegmentSize)
    for (int i = 0; i < kPairs; i++) {
      const vwi columns = *reinterpret_cast<const vwiu*>(weights + i * kHalf * 2);
      const vw a = even(columns), b = odd(columns);
      for (int r = 0; r < kRows; r++) {
        const uint32_t pair =
            *reinterpret_cast<const pair_u*>(first + r * p.row_step + p.offsets[s] + 2 * i);
        const vwi pairs = pair - vwi{};
        sum[r] += even(pairs) * a;
        sum[r] += odd(pairs) * b;
      }
    }
  for (int r = 0; r < kRows; r++)
    store_wide(sums + r * kBf16Columns, sum[r]);
}

/// Finishes the outputs of one channel block of kLanes.
template<bool kPool>
FOMO_INLINE void store_block(const Bf16Line& line, int block) {
  const v8 bias = load8(line.bias + block * kLanes);
  const bool there = block < line.full_blocks;
  float* full = line.full && there ? line.full + block * line.full_stride : nullptr;
  const float* residual =
      line.residual && there ? line.residual + block * line.residual_stride : nullptr;
  bf16* half = line.half ? line.half + block * kLanes : nullptr;
  const v8 scale = line.scale ? load8(line.scale + block * kLanes) : v8{};
  const v8 shift = line.scale ? load8(line.shift + block * kLanes) : v8{};
  const ptrdiff_t step = line.step;
  const float* sums = line.sums + block * kLanes;
  const float* below = line.below + (kPool ? block * kLanes : 0);
  for (int i = 0; i < line.count; i++) {
    v8 value;
    if constexpr (kPool) {
      const auto at = [&](const float* from) {
        return activate(load8(from) + bias, line.activation);
      };
      value = (at(sums) + at(sums + kBf16Columns) + (at(below) + at(below + kBf16Columns))) *
              splat8(0.25f);
      sums += 2 * kBf16Columns;
      below += 2 * kBf16Columns;
    } else {
      value = load8(sums) + bias;
      if (residual)
        value += load8(residual + i * kLanes);
      value = activate(value, line.activation);
      sums += kBf16Columns;
    }
    if (full)
      store8(full + i * step * kLanes, value);
    if (half)
      store_bf16(half + i * step * kBf16Lanes, line.scale ? relu(value * scale + shift) : value);
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
  for (int block = 0; block < kSubBlocks; block++)
    if (line.below)
      store_block<true>(line, block);
    else
      store_block<false>(line, block);
}

void bf16_pack_row(const Image& in, const float* scale, const float* shift, const Bf16Image& out,
                   int row) {
  for (int block = 0; block < out.blocks() * kSubBlocks; block++) {
    bf16* to = out.pixel(block / kSubBlocks, row, 0) + block % kSubBlocks * kLanes;
    if (block >= in.blocks()) {
      for (int x = 0; x < out.width; x++)
        store_bf16(to + ptrdiff_t(x) * kBf16Lanes, v8{});
      continue;
    }
    const float* from = in.block(block) + ptrdiff_t(row) * in.width * kLanes;
    if (scale) {
      const v8 a = load8(scale + block * kLanes), b = load8(shift + block * kLanes);
      for (int x = 0; x < out.width; x++)
        store_bf16(to + ptrdiff_t(x) * kBf16Lanes, relu(load8(from + x * kLanes) * a + b));
    } else {
      for (int x = 0; x < out.width; x++)
        store_bf16(to + ptrdiff_t(x) * kBf16Lanes, load8(from + x * kLanes));
    }
  }
}

void bf16_head_store(const Bf16HeadLine& line) {
  constexpr int kUsed = 24;
  for (int group = 0; group < line.groups; group++)
    for (int i = 0; i < kUsed; i += kLanes)
      store8(line.result + group * kUsed + i,
             sigmoid(load8(line.sums + group * kBf16Columns + i) + load8(line.bias + i)));
}

} // namespace fomo::kernels::FOMO_ISA
