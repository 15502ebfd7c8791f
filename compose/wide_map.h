// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <vector>

#include <opencv2/core.hpp>

#include "compose/axis.h"
#include "compose/lines.h"

namespace fomo::compose {

/// A map of floats at another size, made line by line. Between samples it follows Catmull-Rom's
/// curve, which overshoots: results may lie a little outside of the map's range.
class WideMap {
 public:
  WideMap(cv::Size cells, int width, int height)
      : across_(cells.width, width, FourTaps::Curve::cubic),
        down_(cells.height, height, FourTaps::Curve::cubic), padded_(cells.width + 4),
        rows_(static_cast<size_t>(cells.height + 4) * width), width_(width), cells_(cells) {}

  /// Takes the next map, CV_32F of `cells`.
  void start(const Lines& lines, const cv::Mat& map) {
    for (int y = -2; y < cells_.height + 2; y++) {
      const auto* in = map.ptr<float>(std::clamp(y, 0, cells_.height - 1));
      for (int x = -2; x < cells_.width + 2; x++)
        padded_[x + 2] = in[std::clamp(x, 0, cells_.width - 1)];
      across_.run(lines, padded_.data(), rows_.data() + static_cast<size_t>(y + 2) * width_);
    }
  }
  /// Pixels [first, last) of line `y`. Thread-safe.
  void line(const Lines& lines, int y, int first, int last, float* out) const {
    const float* taps[4];
    for (int k = 0; k < 4; k++)
      taps[k] = rows_.data() + static_cast<size_t>(down_.first(y) + k) * width_ + first;
    lines.combine(out, taps, down_.weights(y), 4, last - first);
  }
  /// The first of the four rows of cells that line `y` looks at.
  int first_row(int y) const { return down_.first(y) - 2; }

 private:
  FourTaps across_, down_;
  std::vector<float> padded_, rows_;
  int width_;
  cv::Size cells_;
};

} // namespace fomo::compose
