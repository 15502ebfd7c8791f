// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/cut_detector.h"

#include <cmath>

namespace fomo {

namespace {

constexpr int columns = 32, rows = 18;
constexpr double same_shot = 0.6; ///< least correlation of consecutive frames of one shot
constexpr double flat = 2.0; ///< standard deviation, grey levels, below which a frame is uniform

struct Statistics {
  double mean_a = 0, mean_b = 0, deviation_a = 0, deviation_b = 0, correlation = 1;
};

Statistics compare(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  Statistics result;
  const auto count = static_cast<double>(a.size());
  for (size_t i = 0; i < a.size(); i++) {
    result.mean_a += a[i] / count;
    result.mean_b += b[i] / count;
  }
  double aa = 0, bb = 0, ab = 0;
  for (size_t i = 0; i < a.size(); i++) {
    const double x = a[i] - result.mean_a, y = b[i] - result.mean_b;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  result.deviation_a = std::sqrt(aa / count);
  result.deviation_b = std::sqrt(bb / count);
  if (aa > 0 && bb > 0)
    result.correlation = ab / std::sqrt(aa * bb);
  return result;
}

} // namespace

bool CutDetector::update(const FrameReader& frame) {
  constexpr int taps = 4;
  std::vector<uint8_t> before(static_cast<size_t>(columns) * rows);
  const Box whole{0, 0, static_cast<double>(frame.width()), static_cast<double>(frame.height())};
  if (!frame.read(whole, taps, {before.data(), columns, rows, columns, 1}))
    return false;
  before.swap(last_);
  if (before.empty())
    return false;
  const Statistics found = compare(before, last_);
  // A uniform frame has no correlation with any other. It is a cut if one of the two is uniform.
  if (found.deviation_a < flat || found.deviation_b < flat)
    return (found.deviation_a < flat) != (found.deviation_b < flat);
  return found.correlation < same_shot;
}

} // namespace fomo
