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
  if (p.add)
    for (int r = 0; r < kRows; r++)
      sum[r] = load_wide(sums + r * kBf16Columns);
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

typedef uint16_t vwh __attribute__((vector_size(2 * kWide)));
typedef uint16_t vwhu __attribute__((vector_size(2 * kWide), aligned(2), may_alias));

/// Parts of the 32 channels of a pixel, and blocks of an Image in a part.
constexpr int kParts = kBf16Lanes / kWide, kPartBlocks = kWide / kLanes;

/// One block, or two side by side.
FOMO_INLINE void join(v8 first, v8, v8& both) { both = first; }
FOMO_INLINE v8 half_of(v8 both, int) { return both; }
#ifdef __AVX512F__
FOMO_INLINE void join(v8 first, v8 second, vw& both) {
  both =
      __builtin_shufflevector(first, second, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
FOMO_INLINE v8 half_of(vw both, int half) {
  return half == 0 ? __builtin_shufflevector(both, both, 0, 1, 2, 3, 4, 5, 6, 7)
                   : __builtin_shufflevector(both, both, 8, 9, 10, 11, 12, 13, 14, 15);
}
#endif

/// A part of a pixel in blocks of kLanes, `count` of which exist.
FOMO_INLINE vw load_blocks(const float* from, ptrdiff_t stride, int count) {
  vw value;
  join(count > 0 ? load8(from) : v8{}, count > 1 ? load8(from + stride) : v8{}, value);
  return value;
}

FOMO_INLINE void store_blocks(float* to, ptrdiff_t stride, int count, vw value) {
#pragma GCC unroll 2
  for (int i = 0; i < kPartBlocks; i++)
    if (i < count)
      store8(to + i * stride, half_of(value, i));
}

FOMO_INLINE vw wide_relu(vw x) { return x > 0 ? x : vw{}; }

FOMO_INLINE vw wide_activate(vw x, Activation activation) {
  if (activation == Activation::relu)
    return wide_relu(x);
  if (activation == Activation::sigmoid)
    join(sigmoid(half_of(x, 0)), sigmoid(half_of(x, 1)), x);
  return x;
}

/// The bits of numbers rounded to bf16, in the upper halves.
FOMO_INLINE vwi rounded(vw value) {
  const vwi bits = (vwi)value;
  return bits + 0x7fff + (bits >> 16 & 1);
}

/// Stores a pixel of 32 channels.
FOMO_INLINE void store_pixel(bf16* to, const vwi (&bits)[kParts]) {
#ifdef __AVX512BW__
  typedef uint16_t v32h __attribute__((vector_size(64)));
  typedef uint16_t v32hu __attribute__((vector_size(64), aligned(2), may_alias));
  *reinterpret_cast<v32hu*>(to) = __builtin_shufflevector(
      (v32h)bits[0], (v32h)bits[1], 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33,
      35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61, 63);
#else
  for (int part = 0; part < kParts; part++)
    *reinterpret_cast<vwhu*>(to + part * kWide) = __builtin_convertvector(bits[part] >> 16, vwh);
#endif
}

/// Stores a pixel and, in a split image, what rounding has left of it.
FOMO_INLINE void store_halves(bf16* to, ptrdiff_t low, const vw (&value)[kParts]) {
  vwi bits[kParts], rest[kParts];
  for (int part = 0; part < kParts; part++)
    bits[part] = rounded(value[part]);
  store_pixel(to, bits);
  if (low == 0)
    return;
  for (int part = 0; part < kParts; part++)
    rest[part] = rounded(value[part] - (vw)(bits[part] & 0xffff0000u));
  store_pixel(to + low, rest);
}

/// A row of kParts parts, one for each channel.
struct Channels {
  vw part[kParts];

  /// Zeros if `from` is null.
  FOMO_INLINE explicit Channels(const float* from) {
    for (int i = 0; i < kParts; i++)
      part[i] = from ? load_wide(from + i * kWide) : vw{};
  }
};

/// The average of the four activated sums of a pooled output.
FOMO_INLINE vw pooled(const Bf16Line& line, ptrdiff_t first, vw bias) {
  const auto at = [&](const float* from) {
    return wide_activate(load_wide(from + first) + bias, line.activation);
  };
  return (at(line.sums) + at(line.sums + kBf16Columns) +
          (at(line.below) + at(line.below + kBf16Columns))) *
         0.25f;
}

/// kPlain: the outputs are the activated sums, and only the numbers in bf16 are wanted.
template<bool kPool, bool kPlain>
FOMO_INLINE void store_line(const Bf16Line& line) {
  const Channels bias(line.bias), scale(line.scale), shift(line.shift);
  for (int i = 0; i < line.count; i++) {
    const ptrdiff_t pixel = ptrdiff_t(i) * line.step;
    vw value[kParts];
#pragma GCC unroll 4
    for (int part = 0; part < kParts; part++) {
      const ptrdiff_t first = ptrdiff_t(kPool ? 2 * i : i) * kBf16Columns + part * kWide;
      const int blocks = line.full_blocks - part * kPartBlocks;
      if constexpr (kPool) {
        value[part] = pooled(line, first, bias.part[part]);
      } else {
        value[part] = load_wide(line.sums + first) + bias.part[part];
        if (!kPlain && line.residual)
          value[part] += load_blocks(line.residual + part * kPartBlocks * line.residual_stride +
                                         ptrdiff_t(i) * kLanes,
                                     line.residual_stride, blocks);
        value[part] = wide_activate(value[part], line.activation);
      }
    }
    // Only now: to the processor a load seems to depend on a store at the same place of another
    // page, which is where the next block is.
#pragma GCC unroll 4
    for (int part = 0; part < kParts; part++) {
      const int blocks = line.full_blocks - part * kPartBlocks;
      if (!kPlain && line.full)
        store_blocks(line.full + part * kPartBlocks * line.full_stride + pixel * kLanes,
                     line.full_stride, blocks, value[part]);
      if (!kPlain && line.scale)
        value[part] = wide_relu(value[part] * scale.part[part] + shift.part[part]);
    }
    if (kPlain || line.half)
      store_halves(line.half + pixel * kBf16Lanes, line.low, value);
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
  const bool plain = line.half && !line.residual && !line.full && !line.scale;
  if (line.below && plain)
    store_line<true, true>(line);
  else if (line.below)
    store_line<true, false>(line);
  else if (plain)
    store_line<false, true>(line);
  else
    store_line<false, false>(line);
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
