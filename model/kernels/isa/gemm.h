// SPDX-License-Identifier: LGPL-2.1-or-later
// The matrix product of every convolution: some rows, each anywhere in memory, times a packed panel
// of sixteen columns. The sums stay in registers.
#pragma once

#include "model/kernels/isa/functions.h"

namespace fomo::kernels::FOMO_ISA {

constexpr int kPanel = 16; ///< columns
/// Panels at a time: a row has two vectors of sums, so that each number of a row that is loaded is
/// used twice.
constexpr int kPanels = kWide > 8 ? 2 : 1;
/// Rows at a time. Their sums take three quarters of the registers where a row has two vectors.
constexpr int kRows = kRegisters * 3 / 8;

/// Packed weights of some panels.
struct Columns {
  const float* first; ///< contiguous
  ptrdiff_t to_next;  ///< floats from one panel to the next
};

/// c[r][0..16 P - 1] (+)= sum over segments s and i < length of rows[r][offsets[s] + i] * b[s *
/// length + i][0..15] of each of P panels, for the R rows. `length` is a multiple of eight. Each
/// sum is taken in the same order whatever R and P are.
template<int R, int P>
FOMO_INLINE void product(const float* const* rows, const ptrdiff_t* offsets, int segments,
                         int length, Columns columns, float* c, ptrdiff_t c_stride, bool add) {
  constexpr int kVectors = P * kPanel / kWide;
  vw sums[R][kVectors];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++)
      sums[r][j] = vw{};
  if (add) {
#pragma GCC unroll 16
    for (int r = 0; r < R; r++)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++)
        sums[r][j] = load_wide(c + r * c_stride + j * kWide);
  }
  const float* row[R];
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
    row[r] = rows[r];
  const float* b = columns.first;
  for (int s = 0; s < segments; s++) {
    const ptrdiff_t first = offsets[s];
    for (ptrdiff_t k = first; k < first + length; k += kLanes, b += kLanes * kPanel) {
#pragma GCC unroll 8
      for (int i = 0; i < kLanes; i++) {
        vw column[kVectors];
#pragma GCC unroll 2
        for (int j = 0; j < kVectors; j++)
          column[j] =
              load_wide(b + j * kWide / kPanel * columns.to_next + i * kPanel + j * kWide % kPanel);
#pragma GCC unroll 16
        for (int r = 0; r < R; r++) {
          const vw a = splat_wide(row[r][k + i]);
#pragma GCC unroll 2
          for (int j = 0; j < kVectors; j++)
            sums[r][j] += a * column[j];
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; r++)
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++)
      store_wide(c + r * c_stride + j * kWide, sums[r][j]);
}

/// product<count, P> for a count in [1, R].
template<int R, int P>
FOMO_INLINE void product_of(int count, const float* const* rows, const ptrdiff_t* offsets,
                            int segments, int length, Columns columns, float* c, ptrdiff_t c_stride,
                            bool add) {
  if constexpr (R > 1)
    if (count < R)
      return product_of<R - 1, P>(count, rows, offsets, segments, length, columns, c, c_stride,
                                  add);
  product<R, P>(rows, offsets, segments, length, columns, c, c_stride, add);
}

/// `product` for any number of rows, kRows or a little fewer at a time.
template<int P>
FOMO_INLINE void product_of_rows(const float* const* rows, int count, const ptrdiff_t* offsets,
                                 int segments, int length, Columns columns, float* c,
                                 ptrdiff_t c_stride, bool add) {
  while (count > 0) {
    // A rest of one or two rows cannot keep the multipliers busy: 8 rows as 4 + 4, not 6 + 2.
    const bool small_rest = count > kRows && count <= kRows + kRows / 3;
    const int n = small_rest ? (count + 1) / 2 : min(count, kRows);
    product_of<kRows, P>(n, rows, offsets, segments, length, columns, c, c_stride, add);
    rows += n;
    count -= n;
    c += n * c_stride;
  }
}

/// `product_of_rows` for one panel, or for kPanels of them.
FOMO_INLINE void product_of_panels(const float* const* rows, int count, const ptrdiff_t* offsets,
                                   int segments, int length, Columns columns, int panels, float* c,
                                   ptrdiff_t c_stride, bool add) {
  if (kPanels > 1 && panels > 1)
    product_of_rows<kPanels>(rows, count, offsets, segments, length, columns, c, c_stride, add);
  else
    product_of_rows<1>(rows, count, offsets, segments, length, columns, c, c_stride, add);
}

} // namespace fomo::kernels::FOMO_ISA
