// SPDX-License-Identifier: LGPL-2.1-or-later
// The matrix product of every convolution: some rows, each anywhere in memory, times a packed panel
// of sixteen columns. The sums stay in registers.
#pragma once

#include "model/kernels/isa/functions.h"

namespace fomo::kernels::FOMO_ISA {

constexpr int kPanel = 16; ///< columns
constexpr int kPanelVectors = kPanel / kWide;
/// Rows at a time. Their sums take three quarters of the registers where a row has two vectors.
constexpr int kRows = kRegisters * 3 / 8;

/// c[r][0..15] (+)= sum over segments s and i < length of rows[r][offsets[s] + i] * b[s * length +
/// i][0..15] for the R rows. `length` is a multiple of eight; b is contiguous. Each sum is taken in
/// the same order whatever R is.
template<int R>
FOMO_INLINE void product(const float* const* rows, const ptrdiff_t* offsets, int segments,
                         int length, const float* b, float* c, ptrdiff_t c_stride, bool add) {
  vw sums[R][kPanelVectors];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 2
    for (int j = 0; j < kPanelVectors; j++)
      sums[r][j] = vw{};
  if (add) {
#pragma GCC unroll 16
    for (int r = 0; r < R; r++)
#pragma GCC unroll 2
      for (int j = 0; j < kPanelVectors; j++)
        sums[r][j] = load_wide(c + r * c_stride + j * kWide);
  }
  const float* row[R];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
    row[r] = rows[r];
  for (int s = 0; s < segments; s++) {
    const ptrdiff_t first = offsets[s];
    for (ptrdiff_t k = first; k < first + length; k += kLanes, b += kLanes * kPanel) {
#pragma GCC unroll 8
      for (int i = 0; i < kLanes; i++) {
        vw columns[kPanelVectors];
#pragma GCC unroll 2
        for (int j = 0; j < kPanelVectors; j++)
          columns[j] = load_wide(b + i * kPanel + j * kWide);
#pragma GCC unroll 16
        for (int r = 0; r < R; r++) {
          const vw a = splat_wide(row[r][k + i]);
#pragma GCC unroll 2
          for (int j = 0; j < kPanelVectors; j++)
            sums[r][j] += a * columns[j];
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 2
    for (int j = 0; j < kPanelVectors; j++)
      store_wide(c + r * c_stride + j * kWide, sums[r][j]);
}

/// product<count> for a count in [1, R].
template<int R>
FOMO_INLINE void product_of(int count, const float* const* rows, const ptrdiff_t* offsets,
                            int segments, int length, const float* b, float* c, ptrdiff_t c_stride,
                            bool add) {
  if constexpr (R > 1)
    if (count < R)
      return product_of<R - 1>(count, rows, offsets, segments, length, b, c, c_stride, add);
  product<R>(rows, offsets, segments, length, b, c, c_stride, add);
}

/// `product` for any number of rows, kRows or a little fewer at a time.
FOMO_INLINE void product_of_rows(const float* const* rows, int count, const ptrdiff_t* offsets,
                                 int segments, int length, const float* b, float* c,
                                 ptrdiff_t c_stride, bool add) {
  while (count > 0) {
    // A rest of one or two rows cannot keep the multipliers busy: 8 rows as 4 + 4, not 6 + 2.
    const bool small_rest = count > kRows && count <= kRows + kRows / 3;
    const int n = small_rest ? (count + 1) / 2 : min(count, kRows);
    product_of<kRows>(n, rows, offsets, segments, length, b, c, c_stride, add);
    rows += n;
    count -= n;
    c += n * c_stride;
  }
}

} // namespace fomo::kernels::FOMO_ISA
