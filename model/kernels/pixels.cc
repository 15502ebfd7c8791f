// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/pixels.h"

namespace fomo::kernels {

void read_rgb(const uint8_t* pixels, ptrdiff_t stride, const Image& out, const Executor& executor) {
  executor.parallel_rows(out.height, [&](int row) {
    executor.kernels->read_rgb_row(pixels + row * stride, out.width,
                                   out.data + ptrdiff_t(row) * out.width * kLanes);
  });
}

void downsample(const Downsample& filter, const Image& in, const Image& out,
                const Executor& executor) {
  executor.parallel_rows(out.height,
                         [&](int row) { executor.kernels->downsample_row(filter, in, out, row); });
}

} // namespace fomo::kernels
