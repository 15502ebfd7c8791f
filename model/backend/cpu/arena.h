// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

#include "model/backend/cpu/feature.h"

namespace fomo::cpu {

/// Hands out a stream's memory in order; going back to a mark lets later stages use it again. Laid
/// out by the same code twice: without memory when a model is loaded, to learn the size, and with
/// it for every frame, which costs some additions.
class Arena {
 public:
  Arena() = default;
  explicit Arena(float* memory) : memory_(memory) {}

  float* floats(size_t count) {
    float* taken = memory_ ? memory_ + used_ : nullptr;
    used_ += (count + kLine - 1) / kLine * kLine;
    most_ = std::max(most_, used_);
    return taken;
  }
  kernels::Image image(int channels, int height, int width) {
    return kernels::make_image(floats(kernels::image_floats(channels, height, width)), channels,
                               height, width);
  }
  /// In fp32, or in bf16 with a border of `border` pixels; `split` as for Bf16Image.
  Feature feature(bool in_bf16, int channels, int height, int width, int border,
                  bool split = false) {
    Feature feature;
    feature.in_bf16 = in_bf16;
    if (in_bf16)
      feature.half = kernels::make_bf16_image(
          floats(kernels::bf16_image_floats(channels, height, width, border, split)), channels,
          height, width, border, split);
    else
      feature.full = image(channels, height, width);
    return feature;
  }
  size_t mark() const { return used_; }
  void release(size_t mark) { used_ = mark; }
  /// Floats wanted so far.
  size_t most() const { return most_; }

 private:
  static constexpr size_t kLine = 16; // floats of a cache line

  float* memory_ = nullptr;
  size_t used_ = 0, most_ = 0;
};

} // namespace fomo::cpu
