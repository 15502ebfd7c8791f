// SPDX-License-Identifier: LGPL-2.1-or-later
// What the bf16 convolutions hand to the functions of an instruction set.
#pragma once

#include "model/kernels/bf16_unit.h"
#include "model/kernels/conv_job.h"

namespace fomo::kernels {

/// Neighbouring outputs of one row in a block of 32 channels. Pointers are those of the first
/// output.
struct Bf16Line {
  const float* sums = nullptr;  ///< [count][32]
  const float* below = nullptr; ///< unless null, pairs of sums here and in `sums` are averaged
  int count = 0;                ///< outputs
  int step = 1;                 ///< pixels from one output to the next
  const float* bias = nullptr;  ///< [32]
  Activation activation = Activation::none;
  const float* residual = nullptr; ///< in blocks of kLanes; null: none
  ptrdiff_t residual_stride = 0;   ///< floats from one block to the next
  float* full = nullptr;           ///< in blocks of kLanes; null: not wanted
  ptrdiff_t full_stride = 0;
  int full_blocks = 0;          ///< blocks of kLanes that residual and full have
  bf16* half = nullptr;         ///< null: not wanted
  ptrdiff_t low = 0;            ///< of the image of `half`
  const float* scale = nullptr; ///< unless null, `half` gets relu(x * scale + shift): [32]
  const float* shift = nullptr;
};

/// A row of Bf16Head.
struct Bf16HeadLine {
  /// [width][32] of [taps of a row][3], with half a kernel of zeros on both sides.
  const float* sums;
  int width;
  int kernel;
  const float* bias; ///< [3]
  float* result;     ///< [width][3] in [0, 1], with room for eight more
};

} // namespace fomo::kernels
