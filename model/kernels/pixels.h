// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "model/kernels/executor.h"

namespace fomo::kernels {

/// 8-bit interleaved RGB as an image of three channels in [0, 1]. `stride`: bytes from row to row.
void read_rgb(const uint8_t* pixels, ptrdiff_t stride, const Image& out, const Executor& executor);

/// A filter of its own for each channel, zeros around, then every `stride`-th pixel of every
/// `stride`-th row. An even kernel's extra tap lies to the left, as in FOMM's code.
struct Downsample {
  const float* taps = nullptr; ///< [kernel * kernel][8], a column for each channel of the one block
  int kernel = 1;
  int stride = 1;
};

/// `in` has at most eight channels; `out` is its size divided by the stride, rounded up.
void downsample(const Downsample& filter, const Image& in, const Image& out,
                const Executor& executor);

} // namespace fomo::kernels
