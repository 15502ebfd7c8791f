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

/// The columns and rows between black bars.
struct Shown {
  int left = 0, top = 0, right = columns, bottom = rows;
};

Shown shown(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  constexpr uint8_t black = 24;
  constexpr int least = 4;
  const auto is_black = [&](int x, int y) {
    const size_t at = static_cast<size_t>(y) * columns + x;
    return a[at] <= black && b[at] <= black;
  };
  const auto black_column = [&](int x) {
    int y = 0;
    while (y < rows && is_black(x, y))
      y++;
    return y == rows;
  };
  const auto black_row = [&](int y) {
    int x = 0;
    while (x < columns && is_black(x, y))
      x++;
    return x == columns;
  };
  Shown part;
  while (part.left + least < part.right && black_column(part.left))
    part.left++;
  while (part.left + least < part.right && black_column(part.right - 1))
    part.right--;
  while (part.top + least < part.bottom && black_row(part.top))
    part.top++;
  while (part.top + least < part.bottom && black_row(part.bottom - 1))
    part.bottom--;
  return part;
}

Statistics compare(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  Statistics result;
  const Shown part = shown(a, b);
  const double count = (part.right - part.left) * (part.bottom - part.top);
  const auto each = [&](const auto& use) {
    for (int y = part.top; y < part.bottom; y++)
      for (int x = part.left; x < part.right; x++)
        use(static_cast<size_t>(y) * columns + x);
  };
  each([&](size_t i) {
    result.mean_a += a[i] / count;
    result.mean_b += b[i] / count;
  });
  double aa = 0, bb = 0, ab = 0;
  each([&](size_t i) {
    const double x = a[i] - result.mean_a, y = b[i] - result.mean_b;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  });
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
