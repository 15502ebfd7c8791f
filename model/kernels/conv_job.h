// SPDX-License-Identifier: LGPL-2.1-or-later
// What the convolutions hand to the functions of an instruction set.
#pragma once

#include "model/kernels/image.h"

namespace fomo::kernels {

enum class Activation { none, relu, sigmoid };

/// Ways to compute a convolution. Their results differ by rounding only.
enum class Algorithm {
  direct, ///< any kernel size: sums over the taps
  f23,    ///< Winograd: 2x2 outputs of a 3x3 kernel from 16 products for each pair of channels
  f43,    ///< 4x4 outputs of a 3x3 kernel from 36
  f63,    ///< 6x6 outputs of a 3x3 kernel from 64
  f27,    ///< 2x2 outputs of a 7x7 kernel from 64
  u23,    ///< 2x2 outputs of nearest x2 and a 3x3 kernel from 9
  u43,    ///< 4x4 outputs of nearest x2 and a 3x3 kernel from 25
};
constexpr int kAlgorithms = 7;

/// The operations that follow the sums of a convolution, in this order: + bias, + residual,
/// activation, 2x2 average.
struct Epilogue {
  const float* bias = nullptr;     ///< padded to whole panels of sixteen
  const Image* residual = nullptr; ///< of the output's size before pooling; may be null
  Activation activation = Activation::none;
  bool pool = false;
};

/// One run of a convolution: what its tasks have in common.
struct ConvJob {
  Image in, out;
  int pad = 0;
  int height = 0, width = 0;    ///< of the result before pooling
  const float* scale = nullptr; ///< unless null, the input is read as relu(x * scale + shift)
  const float* shift = nullptr;
  const float* weights = nullptr;     ///< packed for the algorithm
  const ptrdiff_t* offsets = nullptr; ///< direct: of each channel block and tap in `in`, floats
  int segments = 0;                   ///< direct: number of offsets
  Epilogue epilogue;
};

/// Sizes of a Winograd algorithm that packing and planning need.
struct TileShape {
  int sums;   ///< distinct linear combinations of the input of one tile
  int points; ///< products of one tile for each pair of channels
  int out;    ///< outputs of one tile in one dimension
};

/// The most tiles of one Winograd task, and the most outputs of one direct task.
constexpr int kMostTiles = 96;

/// Floats of scratch memory of a direct task: sums of two panels of 16 outputs.
constexpr int kDirectFloats = kMostTiles * 2 * 16;

/// Floats from one point of `tiles` tiles with `depth` channels to the next. The 16 floats beyond
/// the data keep the points of one tile out of the same set of the cache.
FOMO_INLINE constexpr ptrdiff_t winograd_stride(int tiles, int depth) {
  return ptrdiff_t(tiles) * depth + 16;
}

/// One Winograd algorithm of one instruction set.
struct WinogradKernel {
  TileShape shape;
  /// Transforms channel blocks [first, last) of the `tiles` tiles from `tile` on into
  /// v[sum * winograd_stride(tiles, K) + t * K + channel], K being the input's padded channels.
  void (*input)(const ConvJob& job, float* v, int tile, int tiles, int first, int last);
  /// Multiplies with the `panels` panels of weights from `panel` on, transforms back and writes the
  /// output. `m` is scratch memory of points * winograd_stride(tiles, 16 * panels) floats.
  void (*output)(const ConvJob& job, const float* v, float* m, int tile, int tiles, int panel,
                 int panels);
};

} // namespace fomo::kernels
