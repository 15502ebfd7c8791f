// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/kernels/buffer.h"
#include "model/kernels/executor.h"

namespace fomo::kernels {

/// Where a head writes: bytes or floats, whichever is not null.
struct HeadOutput {
  uint8_t* pixels = nullptr; ///< interleaved RGB, round(255 x)
  ptrdiff_t stride = 0;      ///< bytes from row to row
  float* planes = nullptr;   ///< [3][height][width]
  /// Shown before what is painted, unless null; of the picture's size.
  const KeptSource* source = nullptr;
};

/// The last layer: a convolution to three channels that keeps the size, then a sigmoid. With three
/// outputs the lanes of a vector would be idle, so all the taps of a row are outputs too: per pixel
/// one product with [taps in a row x 3] columns, whose results are then added up diagonally.
class HeadConv {
 public:
  static constexpr int kOutputs = 3;
  static constexpr int kMostTaps = 7;

  HeadConv() = default;
  /// `weight` is [3][channels][kernel][kernel] with an odd kernel up to 7, `bias` [3].
  HeadConv(int channels, int kernel, const float* weight, const float* bias);

  /// Floats of workspace for pictures of this width.
  size_t workspace(int width, int threads) const;
  void run(const Image& in, const HeadOutput& output, float* workspace,
           const Executor& executor) const;

 private:
  int channels_ = 0, kernel_ = 0;
  Buffer weights_; // [block][row of taps][8][24]
  float bias_[kOutputs] = {};
};

/// A row in progress, for the functions of an instruction set.
struct HeadRow {
  Image in;
  int kernel;
  const float* weights;
  const float* bias;
  float* sums;   ///< [width + 8][24]
  float* result; ///< [width][3]
};

} // namespace fomo::kernels
