// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/kernels/image.h"

namespace fomo {
struct LocalMotion;
}

/// What is compiled once for every instruction set, and the choice between the sets at run time.
namespace fomo::kernels {

enum class Activation { none, relu, sigmoid };

/// Ways to compute a convolution; all exact but for rounding.
enum class Algorithm {
  direct, ///< any kernel size: sums over the taps
  f23,    ///< Winograd: 2x2 outputs of a 3x3 kernel from 16 products for each pair of channels
  f43,    ///< 4x4 outputs from 36
  f63,    ///< 6x6 outputs from 64
  f27,    ///< 2x2 outputs of a 7x7 kernel from 64
  u23,    ///< 2x2 outputs of nearest x2 and a 3x3 kernel from 9
  u43,    ///< 4x4 outputs of nearest x2 and a 3x3 kernel from 25
};
constexpr int kAlgorithms = 7;

/// What a convolution does with its sums: + bias, + residual, activation, 2x2 average.
struct Epilogue {
  const float* bias = nullptr;     ///< padded to whole panels of sixteen
  const Image* residual = nullptr; ///< of the output's size before pooling
  Activation activation = Activation::none;
  bool pool = false;
};

/// A convolution in progress: what the tasks of one layer have in common.
struct ConvJob {
  Image in, out;
  int pad = 0;
  int height = 0, width = 0;    ///< of the result before pooling
  const float* scale = nullptr; ///< input as relu(x * scale + shift) where not null
  const float* shift = nullptr;
  const float* weights = nullptr;     ///< packed for the algorithm
  const ptrdiff_t* offsets = nullptr; ///< direct: of each block of channels and tap in `in`, floats
  int segments = 0;                   ///< direct: how many
  Epilogue epilogue;
};

/// Constants of a Winograd algorithm that packing and planning need.
struct TileShape {
  int sums;   ///< distinct input combinations, kSums^2
  int points; ///< products, kPoints^2
  int out;    ///< outputs in one dimension
};

/// The most tiles of a Winograd task, and outputs of a direct one.
constexpr int kMostTiles = 96;

/// Room that a block of `tiles` takes between its transform and its product, floats. The odd lines
/// keep a tile's points out of one set of the cache.
constexpr ptrdiff_t winograd_stride(int tiles, int depth) { return ptrdiff_t(tiles) * depth + 16; }

struct WinogradKernel {
  TileShape shape;
  /// Transforms blocks of channels [first, last) of `tiles` tiles from `tile` on into
  /// v[sum * winograd_stride(tiles, K) + t * K + channel], K being the input's padded channels.
  void (*input)(const ConvJob& job, float* v, int tile, int tiles, int first, int last);
  /// Multiplies with `panels` panels of weights from `panel` on, transforms back and writes the
  /// output. `m` has room for points * winograd_stride(tiles, 16 * panels).
  void (*output)(const ConvJob& job, const float* v, float* m, int tile, int tiles, int panel,
                 int panels);
};

struct Downsample;
struct HeadRow;
struct MotionInput;
struct Flow;
struct KeptSource;
struct SoftmaxResult;
struct WindowSums;
struct HeatBox;

/// The functions of one instruction set: one row, block or tap of what pixels.h, motion.h and
/// expectation.h describe.
struct Isa {
  const char* name;
  /// By Algorithm; direct has none.
  const WinogradKernel* winograd[kAlgorithms];
  /// Outputs [first, first + count) (with pooling: four by four, those of one pooled pixel) of the
  /// panels [panel, panel + panels). `job.in` holds the padding. `scratch` has 16 * count floats.
  void (*direct)(const ConvJob& job, int first, int count, int panel, int panels, float* scratch);

  void (*read_rgb_row)(const uint8_t* pixels, int width, float* out);
  void (*downsample_row)(const Downsample& filter, const Image& in, const Image& out, int row);

  void (*head_row)(const HeadRow& row, int y);
  void (*levels_of)(const float* values, int count, uint8_t* levels);

  void (*motion_input_row)(const MotionInput& input, const Image& out, int row);
  void (*combine_motions_row)(const Image& logits, const LocalMotion* motions, int count,
                              const Flow& flow, int row);
  void (*warp_row)(const Image& in, const Flow& flow, bool align_corners, const Image& out,
                   int row);
  /// `painted`: a row of [width][3].
  void (*keep_row)(const KeptSource& source, int row, float* painted);

  void (*softmax_block)(const Image& logits, int block, float temperature,
                        const SoftmaxResult& result);
  void (*window_sum)(const WindowSums& window, const Image& features, const Image& heat,
                     const HeatBox* boxes, int tap, float* sums);
};

/// The best set that this processor has.
const Isa& best_isa();
/// Plain C++ for the compiler's basic target.
const Isa& portable_isa();

} // namespace fomo::kernels
