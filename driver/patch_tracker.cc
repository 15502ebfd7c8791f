// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/patch_tracker.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace fomo {

namespace {

constexpr int patch = 24;                 ///< samples across a face
constexpr int reach = 16;                 ///< samples that it may have moved either way
constexpr int window = patch + 2 * reach; ///< samples across the part that is searched
constexpr int places = 2 * reach + 1;

/// A square of the face's mean side around its middle.
FaceBox square_around(const FaceBox& box, double scale) {
  const double side = scale * std::sqrt(box.area());
  return {box.cx() - side / 2, box.cy() - side / 2, side, side};
}

/// Correlation of the patch with the window at every place.
using Scores = std::array<std::array<float, places>, places>;

/// Sums of the window's values and squares in every patch-sized part come from integral images.
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
  for (int y = 0; y < places; y++) {
    std::array<float, places> products{};
    // All places of a row at once: the compiler turns the inner loop into vector instructions.
    for (int v = 0; v < patch; v++) {
      const float* line = &values[(y + v) * window];
      for (int u = 0; u < patch; u++) {
        const float weight = wanted[v * patch + u];
        for (int x = 0; x < places; x++)
          products[x] += weight * line[x + u];
      }
    }
    for (int x = 0; x < places; x++) {
      constexpr double count = patch * patch;
      const double sum = Integral::part(integral.sum, x, y);
      const double variance = Integral::part(integral.square, x, y) - sum * sum / count;
      scores[y][x] = variance > count ? products[x] / static_cast<float>(std::sqrt(variance)) : 0.F;
    }
  }
  return scores;
}

/// Where the parabola through three neighbours has its peak, relative to the middle one.
double peak_between(double left, double middle, double right) {
  const double curvature = left - 2 * middle + right;
  return curvature < 0 ? std::clamp(0.5 * (left - right) / curvature, -0.5, 0.5) : 0;
}

/// The samples of one axis that lie within the frame, and the part of the frame they stand for.
struct Inside {
  int first = 0, count = 0;
  double start = 0, length = 0;
};

Inside inside(double start, double length, int samples, int limit) {
  const double step = length / samples;
  const int first = std::clamp(static_cast<int>(std::ceil(-start / step)), 0, samples);
  const int end = std::clamp(static_cast<int>(std::floor((limit - start) / step)), first, samples);
  return {first, end - first, start + first * step, (end - first) * step};
}

/// Spreads the filled part of a picture over the rest of it.
void repeat_border(const FomoImage& out, const Inside& across, const Inside& down) {
  const size_t size = static_cast<size_t>(out.channels);
  const int right = across.first + across.count - 1, bottom = down.first + down.count - 1;
  for (int y = down.first; y <= bottom; y++) {
    uint8_t* row = out.data + y * out.stride;
    for (int x = 0; x < across.first; x++)
      std::memcpy(row + x * size, row + across.first * size, size);
    for (int x = right + 1; x < out.width; x++)
      std::memcpy(row + x * size, row + right * size, size);
  }
  for (int y = 0; y < out.height; y++) {
    const int nearest = std::clamp(y, down.first, bottom);
    if (nearest != y)
      std::memcpy(out.data + y * out.stride, out.data + nearest * out.stride, size * out.width);
  }
}

} // namespace

bool read_padded(const RegionReader& reader, int width, int height, const FaceBox& region,
                 const FomoImage& out) {
  if (!(region.width > 0 && region.height > 0))
    return false;
  const Inside across = inside(region.x, region.width, out.width, width),
               down = inside(region.y, region.height, out.height, height);
  if (across.count < 1 || down.count < 1)
    return false;
  const FomoImage part{out.data + down.first * out.stride + across.first * out.channels,
                       across.count, down.count, out.stride, out.channels};
  if (!reader({across.start, down.start, across.length, down.length}, part))
    return false;
  repeat_border(out, across, down);
  return true;
}

bool PatchTracker::start(const RegionReader& reader, int width, int height, const FaceBox& box) {
  patch_.clear();
  std::vector<uint8_t> pixels(patch * patch);
  if (!read_padded(reader, width, height, square_around(box, 1),
                   {pixels.data(), patch, patch, patch, 1}))
    return false;
  double mean = 0, length = 0;
  for (uint8_t pixel : pixels)
    mean += pixel / static_cast<double>(pixels.size());
  for (uint8_t pixel : pixels)
    length += (pixel - mean) * (pixel - mean);
  // Less than one grey level of contrast tells nothing.
  if (length < static_cast<double>(pixels.size()))
    return false;
  for (uint8_t pixel : pixels)
    patch_.push_back(static_cast<float>((pixel - mean) / std::sqrt(length)));
  return true;
}

PatchTracker::Match PatchTracker::follow(const RegionReader& reader, int width, int height,
                                         const FaceBox& expected) const {
  Match match{expected, 0};
  std::vector<uint8_t> pixels(window * window);
  const FaceBox region = square_around(expected, static_cast<double>(window) / patch);
  if (patch_.empty() ||
      !read_padded(reader, width, height, region, {pixels.data(), window, window, window, 1}))
    return match;
  const Scores scores = correlate(patch_, pixels);
  int best_x = 0, best_y = 0;
  for (int y = 0; y < places; y++)
    for (int x = 0; x < places; x++)
      if (scores[y][x] > scores[best_y][best_x]) {
        best_x = x;
        best_y = y;
      }
  match.score = scores[best_y][best_x];
  const int x = std::clamp(best_x, 1, places - 2), y = std::clamp(best_y, 1, places - 2);
  const double dx = x + peak_between(scores[y][x - 1], scores[y][x], scores[y][x + 1]) - reach,
               dy = y + peak_between(scores[y - 1][x], scores[y][x], scores[y + 1][x]) - reach;
  match.box.x += dx * region.width / window;
  match.box.y += dy * region.height / window;
  return match;
}

} // namespace fomo
