// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/patch_tracker.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace fomo {

namespace {

constexpr int patch = 24;                 ///< side of the patch, samples
constexpr int reach = 16;                 ///< largest shift in each direction, samples
constexpr int window = patch + 2 * reach; ///< side of the search window, samples
constexpr int shifts = 2 * reach + 1;     ///< number of shifts along one axis
constexpr int taps = 4;

/// A square around the centre of `box`; its side is `scale` times the geometric mean of the box's.
Box square_around(const Box& box, double scale) {
  const double side = scale * std::sqrt(area(box));
  return {center(box).x - side / 2, center(box).y - side / 2, side, side};
}

/// Normalised correlation of the patch with the window, [shift y][shift x], -1 to 1.
using Scores = std::array<std::array<float, shifts>, shifts>;

/// Integral images of the window's values and squares, for the sums over each patch-sized part.
struct Integral {
  explicit Integral(const std::vector<uint8_t>& pixels)
      : sum((window + 1) * (window + 1)), square(sum.size()) {
    for (int y = 0; y < window; y++) {
      double row_sum = 0, row_square = 0;
      for (int x = 0; x < window; x++) {
        const double value = pixels[y * window + x];
        row_sum += value;
        row_square += value * value;
        sum[(y + 1) * (window + 1) + x + 1] = sum[y * (window + 1) + x + 1] + row_sum;
        square[(y + 1) * (window + 1) + x + 1] = square[y * (window + 1) + x + 1] + row_square;
      }
    }
  }

  static double part(const std::vector<double>& table, int x, int y) {
    const int below = (y + patch) * (window + 1) + x, above = y * (window + 1) + x;
    return table[below + patch] - table[below] - table[above + patch] + table[above];
  }

  std::vector<double> sum, square;
};

Scores correlate(const std::vector<float>& wanted, const std::vector<uint8_t>& pixels) {
  const std::vector<float> values(pixels.begin(), pixels.end());
  const Integral integral(pixels);
  Scores scores;
  for (int y = 0; y < shifts; y++) {
    std::array<float, shifts> products{};
    // The innermost loop goes over all horizontal shifts, so that compilers vectorise it.
    for (int v = 0; v < patch; v++) {
      const float* line = &values[(y + v) * window];
      for (int u = 0; u < patch; u++) {
        const float weight = wanted[v * patch + u];
        for (int x = 0; x < shifts; x++)
          products[x] += weight * line[x + u];
      }
    }
    for (int x = 0; x < shifts; x++) {
      constexpr double count = patch * patch;
      const double sum = Integral::part(integral.sum, x, y);
      const double variance = Integral::part(integral.square, x, y) - sum * sum / count;
      scores[y][x] = variance > count ? products[x] / static_cast<float>(std::sqrt(variance)) : 0.F;
    }
  }
  return scores;
}

/// The position of the peak of the parabola through three neighbours, relative to the middle one.
double peak_between(double left, double middle, double right) {
  const double curvature = left - 2 * middle + right;
  return curvature < 0 ? std::clamp(0.5 * (left - right) / curvature, -0.5, 0.5) : 0;
}

} // namespace

bool PatchTracker::start(const FrameReader& frame, const Box& box) {
  patch_.clear();
  std::vector<uint8_t> pixels(patch * patch);
  if (!frame.read(square_around(box, 1), taps, {pixels.data(), patch, patch, patch, 1}))
    return false;
  double mean = 0, length = 0;
  for (uint8_t pixel : pixels)
    mean += pixel / static_cast<double>(pixels.size());
  for (uint8_t pixel : pixels)
    length += (pixel - mean) * (pixel - mean);
  // A contrast below one grey level is noise.
  if (length < static_cast<double>(pixels.size()))
    return false;
  for (uint8_t pixel : pixels)
    patch_.push_back(static_cast<float>((pixel - mean) / std::sqrt(length)));
  return true;
}

PatchTracker::Match PatchTracker::follow(const FrameReader& frame, const Box& expected) const {
  Match match{expected, 0};
  std::vector<uint8_t> pixels(window * window);
  const Box region = square_around(expected, static_cast<double>(window) / patch);
  if (patch_.empty() || !frame.read(region, taps, {pixels.data(), window, window, window, 1}))
    return match;
  const Scores scores = correlate(patch_, pixels);
  int best_x = 0, best_y = 0;
  for (int y = 0; y < shifts; y++)
    for (int x = 0; x < shifts; x++)
      if (scores[y][x] > scores[best_y][best_x]) {
        best_x = x;
        best_y = y;
      }
  match.score = scores[best_y][best_x];
  const int x = std::clamp(best_x, 1, shifts - 2), y = std::clamp(best_y, 1, shifts - 2);
  const double dx = x + peak_between(scores[y][x - 1], scores[y][x], scores[y][x + 1]) - reach,
               dy = y + peak_between(scores[y - 1][x], scores[y][x], scores[y + 1][x]) - reach;
  match.box.x += dx * region.width / window;
  match.box.y += dy * region.height / window;
  return match;
}

} // namespace fomo
