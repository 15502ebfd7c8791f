// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/border_match.h"

#include <algorithm>
#include <cmath>

namespace fomo::compose {

namespace {

constexpr int kCells = BorderMatch::kCells;
/// Larger differences, in levels, come from different content, not from different colours.
constexpr float kMost = 40;
/// Weight of the newest measurement in the moving average.
constexpr float kFollow = 0.12F;
/// Measures every kStep-th pixel of every kStep-th line.
constexpr int kStep = 2;

/// The border cells of the grid, clockwise from the upper left.
std::vector<int> ring_cells() {
  std::vector<int> ring;
  constexpr int last = kCells - 1;
  for (int i = 0; i < last; i++)
    ring.push_back(i);
  for (int i = 0; i < last; i++)
    ring.push_back(i * kCells + last);
  for (int i = last; i > 0; i--)
    ring.push_back(last * kCells + i);
  for (int i = last; i > 0; i--)
    ring.push_back(i * kCells);
  return ring;
}

cv::Rect cell_rect(int cell, cv::Size size) {
  const int x = cell % kCells, y = cell / kCells;
  const cv::Point begin(x * size.width / kCells, y * size.height / kCells);
  const cv::Point end((x + 1) * size.width / kCells, (y + 1) * size.height / kCells);
  return {begin, end};
}

/// The difference background minus animation, summed over a cell.
struct Difference {
  cv::Vec3f sum;
  float squares = 0;
  int count = 0;

  void add(const cv::Mat& background, const cv::Mat& animated, cv::Rect rect) {
    const int channels = background.channels();
    for (int y = rect.y; y < rect.br().y; y += kStep) {
      const uint8_t* b = background.ptr(y) + ptrdiff_t{channels} * rect.x;
      const uint8_t* a = animated.ptr(y) + ptrdiff_t{channels} * rect.x;
      int total[3] = {}, squared = 0;
      for (int x = 0; x < rect.width; x += kStep) {
        const ptrdiff_t at = ptrdiff_t{channels} * x;
        const bool seen = channels == 3 || (b[at + 3] > 0 && a[at + 3] > 0);
        for (int c = 0; c < 3 && seen; c++) {
          const int difference = b[at + c] - a[at + c];
          total[c] += difference;
          squared += difference * difference;
        }
        count += seen;
      }
      for (int c = 0; c < 3; c++)
        sum[c] += static_cast<float>(total[c]);
      squares += static_cast<float>(squared);
    }
  }

  cv::Vec3f mean() const {
    cv::Vec3f result = sum / static_cast<float>(std::max(1, count));
    for (int c = 0; c < 3; c++)
      result[c] = std::clamp(result[c], -kMost, kMost);
    return result;
  }

  /// Weight of the cell, 0 to 1. Low where the difference varies within the cell, because something
  /// moves there.
  float trust() const {
    if (count == 0)
      return 0;
    const auto n = static_cast<float>(count);
    const float variance = std::max(0.0F, squares / n - (sum / n).dot(sum / n)) / 3;
    constexpr float usual = 8;
    return 1 / (1 + variance / (usual * usual));
  }
};

} // namespace

BorderMatch::BorderMatch(cv::Size size)
    : size_(size), ring_(ring_cells()), measured_(ring_.size()), mean_(ring_.size()),
      trust_(ring_.size()), grid_(static_cast<size_t>(kCells) * kCells),
      across_(kCells, size.width, FourTaps::Curve::cubic), down_(kCells, size.height),
      padded_(kCells + 2 * FourTaps::kMargin), planar_(size.width),
      wide_(static_cast<size_t>(3) * size.width * kCells) {}

void BorderMatch::measure(const cv::Mat& background, const cv::Mat& animated) {
  for (size_t i = 0; i < ring_.size(); i++) {
    Difference difference;
    difference.add(background, animated, cell_rect(ring_[i], size_));
    measured_[i] = difference.mean();
    trust_[i] = difference.trust();
  }
}

/// Replaces each cell by the mean of its neighbours on the border, weighted by their trust.
void BorderMatch::smooth_along_border() {
  const int count = static_cast<int>(ring_.size());
  for (int i = 0; i < count; i++) {
    cv::Vec3f sum;
    float weights = 1e-3F;
    for (int k = -3; k <= 3; k++) {
      const int at = (i + k + count) % count;
      const float weight = trust_[at] / static_cast<float>(1 + k * k);
      sum += weight * measured_[at];
      weights += weight;
    }
    mean_[i] = sum / weights;
  }
}

void BorderMatch::follow() {
  const float share = started_ ? kFollow : 1;
  for (size_t i = 0; i < ring_.size(); i++)
    grid_[ring_[i]] += share * (mean_[i] - grid_[ring_[i]]);
}

/// Gauss-Seidel iterations of Laplace's equation over the inner cells.
void BorderMatch::relax(int rounds) {
  for (int round = 0; round < rounds; round++)
    for (int y = 1; y < kCells - 1; y++)
      for (int x = 1; x < kCells - 1; x++) {
        const int at = y * kCells + x;
        grid_[at] =
            (grid_[at - 1] + grid_[at + 1] + grid_[at - kCells] + grid_[at + kCells]) * 0.25F;
      }
}

void BorderMatch::upsample_rows(const Lines& lines) {
  for (int y = 0; y < kCells; y++) {
    float* out = wide_.data() + static_cast<size_t>(3) * size_.width * y;
    for (int c = 0; c < 3; c++) {
      for (int x = -FourTaps::kMargin; x < kCells + FourTaps::kMargin; x++)
        padded_[x + FourTaps::kMargin] = grid_[y * kCells + std::clamp(x, 0, kCells - 1)][c];
      across_.run(lines, padded_.data(), planar_.data());
      for (int x = 0; x < size_.width; x++)
        out[3 * x + c] = planar_[x];
    }
  }
}

void BorderMatch::update(const Lines& lines, const cv::Mat& background, const cv::Mat& animated) {
  measure(background, animated);
  smooth_along_border();
  follow();
  relax(started_ ? 4 : 300);
  started_ = true;
  upsample_rows(lines);
}

void BorderMatch::line(const Lines& lines, int y, float* offset) const {
  const size_t count = static_cast<size_t>(3) * size_.width;
  const float* taps[2] = {wide_.data() + count * down_.left(y),
                          wide_.data() + count * down_.right(y)};
  const float weights[2] = {1 - down_.share(y), down_.share(y)};
  lines.combine(offset, taps, weights, 2, static_cast<int>(count));
}

} // namespace fomo::compose
