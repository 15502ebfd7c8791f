// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/pixels.h"

#include "model/kernels/isa/functions.h"

namespace fomo::kernels::FOMO_ISA {

void read_rgb_row(const uint8_t* pixels, int width, float* out) {
  const v8 scale = splat8(1 / 255.0f);
  for (int x = 0; x < width; x++, pixels += 3, out += kLanes)
    store8(out, v8{float(pixels[0]), float(pixels[1]), float(pixels[2])} * scale);
}

void downsample_row(const Downsample& filter, const Image& in, const Image& out, int row) {
  const int before = filter.kernel / 2, top = row * filter.stride - before;
  float* to = out.data + ptrdiff_t(row) * out.width * kLanes;
  const int first_y = max(0, -top), last_y = min(filter.kernel, in.height - top);
  for (int x = 0; x < out.width; x++, to += kLanes) {
    const int left = x * filter.stride - before;
    const int first_x = max(0, -left), last_x = min(filter.kernel, in.width - left);
    v8 sums[4] = {};
    for (int v = first_y; v < last_y; v++) {
      const float* from = in.data + (ptrdiff_t(top + v) * in.width + left) * kLanes;
      const float* taps = filter.taps + ptrdiff_t(v) * filter.kernel * kLanes;
      int u = first_x;
      for (; u + 4 <= last_x; u += 4)
        for (int i = 0; i < 4; i++)
          sums[i] += load8(from + (u + i) * kLanes) * load8(taps + (u + i) * kLanes);
      for (; u < last_x; u++)
        sums[0] += load8(from + u * kLanes) * load8(taps + u * kLanes);
    }
    store8(to, (sums[0] + sums[1]) + (sums[2] + sums[3]));
  }
}

} // namespace fomo::kernels::FOMO_ISA
