// SPDX-License-Identifier: LGPL-2.1-or-later
// The matrix product that every convolution ends in: up to kRows rows that lie anywhere times a
// packed panel of sixteen columns, held in registers.
#pragma once

#include "model/kernels/isa/vec.h"

namespace fomo::kernels::FOMO_ISA {

#if defined(__AVX2__)
constexpr int kRows = 6; // 12 of 16 registers hold sums, the others two columns and a row's element
#elif defined(__aarch64__)
constexpr int kRows = 6;
#else
constexpr int kRows = 3; // SSE has as many registers of half the size
#endif
constexpr int kPanel = 2 * kLanes;

/// c[r][0..15] (+)= sum over segments s and i < length of rows[r][offsets[s] + i] * b[s * length +
/// i][0..15]. `length` is a multiple of eight; b is contiguous.
template<int R>
FOMO_INLINE void product(const float* const* rows, const ptrdiff_t* offsets, int segments,
                         int length, const float* b, float* c, ptrdiff_t c_stride, bool add) {
  v8 left[R], right[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
    left[r] = right[r] = v8{};
  if (add) {
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      left[r] = load(c + r * c_stride);
      right[r] = load(c + r * c_stride + kLanes);
    }
  }
  const float* row[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
    row[r] = rows[r];
  for (int s = 0; s < segments; s++) {
    const ptrdiff_t first = offsets[s];
    for (ptrdiff_t k = first; k < first + length; k += kLanes, b += kLanes * kPanel) {
#pragma GCC unroll 8
      for (int i = 0; i < kLanes; i++) {
        const v8 b_left = load(b + i * kPanel), b_right = load(b + i * kPanel + kLanes);
#pragma GCC unroll 8
        for (int r = 0; r < R; r++) {
          const v8 a = splat(row[r][k + i]);
          left[r] += a * b_left;
          right[r] += a * b_right;
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++) {
    store(c + r * c_stride, left[r]);
    store(c + r * c_stride + kLanes, right[r]);
  }
}

/// `product` for any number of rows, kRows or a little fewer at a time.
FOMO_INLINE void product_of_rows(const float* const* rows, int count, const ptrdiff_t* offsets,
                                 int segments, int length, const float* b, float* c,
                                 ptrdiff_t c_stride, bool add) {
  while (count > 0) {
    // 8 rows as 4 + 4, not 6 + 2: two rows cannot keep the multipliers busy.
    const int n = kRows == 6 && (count == 8 || count == 7) ? 4 : least(count, kRows);
    switch (n) {
#if defined(__AVX2__) || defined(__aarch64__)
    case 6:
      product<6>(rows, offsets, segments, length, b, c, c_stride, add);
      break;
    case 5:
      product<5>(rows, offsets, segments, length, b, c, c_stride, add);
      break;
    case 4:
      product<4>(rows, offsets, segments, length, b, c, c_stride, add);
      break;
#endif
    case 3:
      product<3>(rows, offsets, segments, length, b, c, c_stride, add);
      break;
    case 2:
      product<2>(rows, offsets, segments, length, b, c, c_stride, add);
      break;
    default:
      product<1>(rows, offsets, segments, length, b, c, c_stride, add);
    }
    rows += n;
    count -= n;
    c += n * c_stride;
  }
}

} // namespace fomo::kernels::FOMO_ISA
