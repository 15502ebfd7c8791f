// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "compose/lines.h"

namespace fomo::compose {

/// Gaussian blur of a picture of interleaved floats with repeated borders. Allocates in the
/// constructor only.
class Gaussian {
 public:
  /// `sigma` in pixels. Above 10 the kernel is truncated.
  Gaussian(int width, int height, int channels, float sigma);

  /// Blurs `in` [height][width][channels] along its lines. line() completes the blur.
  void start(const Lines& lines, const float* in);
  /// Line `y` of the result.
  void line(const Lines& lines, int y, float* out) const;
  /// Blurs the whole picture; `out` may be `in`.
  void run(const Lines& lines, const float* in, float* out);

 private:
  float* pixels(int y) { return blurred_.data() + static_cast<size_t>(y) * count_; }
  const float* pixels(int y) const { return blurred_.data() + static_cast<size_t>(y) * count_; }

  int height_, channels_, radius_;
  int count_; // floats of a line
  std::vector<float> kernel_;
  std::vector<float> padded_;
  std::vector<float> blurred_; // along the lines only
};

} // namespace fomo::compose
