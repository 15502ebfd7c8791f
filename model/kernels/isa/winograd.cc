// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/isa/functions.h"

#include "model/kernels/isa/epilogue.h"
#include "model/kernels/isa/gemm.h"
#include "model/kernels/isa/schemes.h"

namespace fomo::kernels::FOMO_ISA {

namespace {

template<typename S>
struct Winograd {
  static int tiles_in_row(const ConvJob& job) { return (job.width + S::kOut - 1) / S::kOut; }

  /// Reads the input of a tile. Pixels outside the picture are zero.
  template<bool kPrologue>
  static FOMO_INLINE void read(const ConvJob& job, int block, int top, int left,
                               v8 (&x)[S::kIn][S::kIn]) {
    const Image& in = job.in;
    const float* plane = in.block(block);
    v8 scale = {}, shift = {};
    if (kPrologue) {
      scale = load8(job.scale + block * kLanes);
      shift = load8(job.shift + block * kLanes);
    }
    const bool inside =
        top >= 0 && left >= 0 && top + S::kIn <= in.height && left + S::kIn <= in.width;
    for (int i = 0; i < S::kIn; i++) {
      const float* row = plane + (ptrdiff_t(top + i) * in.width + left) * kLanes;
#pragma GCC unroll 8
      for (int j = 0; j < S::kIn; j++) {
        const bool here = inside || (unsigned(top + i) < unsigned(in.height) &&
                                     unsigned(left + j) < unsigned(in.width));
        x[i][j] = !here       ? v8{}
                  : kPrologue ? relu(load8(row + j * kLanes) * scale + shift)
                              : load8(row + j * kLanes);
      }
    }
  }

  template<bool kPrologue>
  static void input_blocks(const ConvJob& job, float* v, int tile, int tiles, int first, int last) {
    const int in_row = tiles_in_row(job), depth = padded_channels(job.in.channels);
    const ptrdiff_t stride = winograd_stride(tiles, depth);
    int row = tile / in_row, column = tile % in_row;
    for (int t = 0; t < tiles; t++, v += depth) {
      for (int block = first; block < last; block++) {
        v8 x[S::kIn][S::kIn], half[S::kSums][S::kIn];
        read<kPrologue>(job, block, row * S::kStep - job.pad, column * S::kStep - job.pad, x);
#pragma GCC unroll 8
        for (int j = 0; j < S::kIn; j++) {
          v8 from[S::kIn], to[S::kSums];
#pragma GCC unroll 8
          for (int i = 0; i < S::kIn; i++)
            from[i] = x[i][j];
          S::input(from, to);
#pragma GCC unroll 8
          for (int i = 0; i < S::kSums; i++)
            half[i][j] = to[i];
        }
#pragma GCC unroll 8
        for (int i = 0; i < S::kSums; i++) {
          v8 to[S::kSums];
          S::input(half[i], to);
#pragma GCC unroll 8
          for (int j = 0; j < S::kSums; j++)
            store8(v + (i * S::kSums + j) * stride + block * kLanes, to[j]);
        }
      }
      if (++column == in_row)
        column = 0, row++;
    }
  }

  static void input(const ConvJob& job, float* v, int tile, int tiles, int first, int last) {
    if (job.scale)
      input_blocks<true>(job, v, tile, tiles, first, last);
    else
      input_blocks<false>(job, v, tile, tiles, first, last);
  }

  static void multiply(const ConvJob& job, const float* v, float* m, int tiles, int panel,
                       int panels) {
    const int depth = padded_channels(job.in.channels), columns = panels * kPanel;
    const ptrdiff_t v_stride = winograd_stride(tiles, depth),
                    m_stride = winograd_stride(tiles, columns);
    const ptrdiff_t zero = 0, panel_floats = ptrdiff_t(depth) * kPanel;
    constexpr int points = S::kPoints * S::kPoints;
    const float* weights = job.weights + ptrdiff_t(panel) * points * panel_floats;
    for (int p = 0; p < points; p++, m += m_stride) {
      const float* rows[kMostTiles];
      const float* sums =
          v + (S::sum(p / S::kPoints) * S::kSums + S::sum(p % S::kPoints)) * v_stride;
      for (int t = 0; t < tiles; t++)
        rows[t] = sums + ptrdiff_t(t) * depth;
      for (int j = 0; j < panels; j += kPanels)
        product_of_panels(
            rows, tiles, &zero, 1, depth,
            {weights + (ptrdiff_t(j) * points + p) * panel_floats, points * panel_floats},
            min(kPanels, panels - j), m + j * kPanel, columns, false);
    }
  }

  /// The inverse transform of the products of one tile and channel block.
  static FOMO_INLINE void back(const float* m, ptrdiff_t m_stride, v8 (&y)[S::kOut][S::kOut]) {
    v8 half[S::kOut][S::kPoints];
#pragma GCC unroll 8
    for (int j = 0; j < S::kPoints; j++) {
      v8 from[S::kPoints], to[S::kOut];
#pragma GCC unroll 8
      for (int i = 0; i < S::kPoints; i++)
        from[i] = load8(m + (i * S::kPoints + j) * m_stride);
      S::output(from, to);
#pragma GCC unroll 8
      for (int i = 0; i < S::kOut; i++)
        half[i][j] = to[i];
    }
#pragma GCC unroll 8
    for (int i = 0; i < S::kOut; i++)
      S::output(half[i], y[i]);
  }

  static FOMO_INLINE void finish(const ConvJob& job, int block, int top, int left,
                                 v8 (&y)[S::kOut][S::kOut]) {
    const Epilogue& epilogue = job.epilogue;
    const v8 bias = load8(epilogue.bias + block * kLanes);
    const int rows = min(S::kOut, job.height - top), columns = min(S::kOut, job.width - left);
    float* out = job.out.block(block);
    if (epilogue.pool) {
      const int wide = job.out.width;
      for (int i = 0; i + 1 < rows; i += 2)
        for (int j = 0; j + 1 < columns; j += 2) {
          v8 sum = {};
          for (int q = 0; q < 4; q++)
            sum += activate(y[i + q / 2][j + q % 2] + bias, epilogue.activation);
          store8(out + (ptrdiff_t((top + i) / 2) * wide + (left + j) / 2) * kLanes,
                 sum * splat8(0.25f));
        }
      return;
    }
    const float* residual = epilogue.residual ? epilogue.residual->block(block) : nullptr;
    for (int i = 0; i < rows; i++) {
      const ptrdiff_t at = (ptrdiff_t(top + i) * job.width + left) * kLanes;
      for (int j = 0; j < columns; j++) {
        v8 value = y[i][j] + bias;
        if (residual)
          value += load8(residual + at + j * kLanes);
        store8(out + at + j * kLanes, activate(value, epilogue.activation));
      }
    }
  }

  static void output(const ConvJob& job, const float* v, float* m, int tile, int tiles, int panel,
                     int panels) {
    multiply(job, v, m, tiles, panel, panels);
    const int in_row = tiles_in_row(job), columns = panels * kPanel;
    const ptrdiff_t m_stride = winograd_stride(tiles, columns);
    const int first = panel * 2, last = min(first + panels * 2, job.out.blocks());
    int row = tile / in_row, column = tile % in_row;
    for (int t = 0; t < tiles; t++, m += columns) {
      for (int block = first; block < last; block++) {
        v8 y[S::kOut][S::kOut];
        back(m + (block - first) * kLanes, m_stride, y);
        finish(job, block, row * S::kOut, column * S::kOut, y);
      }
      if (++column == in_row)
        column = 0, row++;
    }
  }

  static constexpr WinogradKernel kernel() {
    return {{S::kSums * S::kSums, S::kPoints * S::kPoints, S::kOut}, &input, &output};
  }
};

} // namespace

const WinogradKernel winograd_f23 = Winograd<F23>::kernel(), winograd_f43 = Winograd<F43>::kernel(),
                     winograd_f63 = Winograd<F63>::kernel(), winograd_f27 = Winograd<F27>::kernel(),
                     winograd_u23 = Winograd<U23>::kernel(), winograd_u43 = Winograd<U43>::kernel();

} // namespace fomo::kernels::FOMO_ISA
