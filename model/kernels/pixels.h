// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "model/kernels/executor.h"

namespace fomo::kernels {

/// Converts interleaved 8-bit RGB to an image of three channels in [0, 1]. `stride`: bytes from row
/// to row.
void read_rgb(const uint8_t* pixels, ptrdiff_t stride, const Image& out, const Executor& executor);

/// A depthwise convolution with zero padding and a stride. An even kernel has its extra tap on the
/// left and at the top, as in the code of FOMM.
struct Downsample {
  const float* taps = nullptr; ///< [kernel * kernel][8], the last index is the channel
  int kernel = 1;
  int stride = 1;
};

/// `in` has at most eight channels. `out` has the size of `in` divided by the stride, rounded up.
void downsample(const Downsample& filter, const Image& in, const Image& out,
                const Executor& executor);

} // namespace fomo::kernels
