// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/kernels/bf16_image.h"
#include "model/kernels/buffer.h"
#include "model/kernels/executor.h"

namespace fomo::kernels {

/// Where HeadConv writes its result: to each of `pixels` and `planes` that is not null.
struct HeadOutput {
  uint8_t* pixels = nullptr; ///< interleaved RGB, round(255 x)
  ptrdiff_t stride = 0;      ///< bytes from row to row
  float* planes = nullptr;   ///< [3][height][width]
  /// Unless null: a source whose pixels replace the result where they are visible. Has the size of
  /// the result.
  const KeptSource* source = nullptr;
};

/// The last layer of the generator: a convolution to three channels with zero padding, then a
/// sigmoid. Three outputs would fill three of eight lanes. Therefore the taps of a kernel row are
/// treated as outputs, too: a product with [taps of a row x 3] columns for each pixel, whose
/// columns are then shifted by their tap and added.
class HeadConv {
 public:
  static constexpr int kOutputs = 3;
  static constexpr int kMostTaps = 7;

  HeadConv() = default;
  /// `weight` is [3][channels][kernel][kernel] with an odd kernel up to 7, `bias` [3].
  HeadConv(int channels, int kernel, const float* weight, const float* bias);

  /// Floats of workspace that run() needs for pictures of this width.
  size_t workspace(int width, int threads) const;
  void run(const Image& in, const HeadOutput& output, float* workspace,
           const Executor& executor) const;

 private:
  int channels_ = 0, kernel_ = 0;
  Buffer weights_; // [channel block][kernel row][8][24]
  float bias_[kOutputs] = {};
};

struct Bf16Segment;

/// HeadConv in bf16 with fp32 sums. Eight neighbouring pixels are one row of the product, so that
/// 24 of 32 columns are used.
class Bf16Head {
 public:
  Bf16Head() = default;
  /// As HeadConv.
  Bf16Head(int channels, int kernel, const float* weight, const float* bias);

  /// Floats of workspace that run() needs for pictures of this width.
  size_t workspace(int width, int threads) const;
  /// The border of `in` is at least half a kernel.
  void run(const Bf16Image& in, const HeadOutput& output, float* workspace,
           const Executor& executor) const;

 private:
  void run_row(const Bf16Image& in, int y, const Bf16Segment* offsets, float* sums, float* result,
               const Executor& executor) const;
  int segments() const;

  int blocks_ = 0, kernel_ = 0;
  Buffer weights_; // [block][kernel row] segments, see Bf16Product; columns [taps of a row][3]
  float bias_[HeadConv::kOutputs] = {};
};

/// What KernelTable::head_row needs to compute a row.
struct HeadRow {
  Image in;
  int kernel;
  const float* weights;
  const float* bias;
  float* sums;   ///< [width + 8][24]
  float* result; ///< [width][3]
};

} // namespace fomo::kernels
