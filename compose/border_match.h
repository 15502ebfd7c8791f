// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include <opencv2/core.hpp>

#include "compose/axis.h"

namespace fomo::compose {

/// Matches the colours of an animated crop to those of the picture around it. Measures the colour
/// difference between the picture and the animation along the border of the crop, continues it into
/// the crop by Laplace's equation on a coarse grid (which adds no edges), and smooths it over time.
class BorderMatch {
 public:
  static constexpr int kCells = 16; ///< cells of the grid in each dimension

  /// For crops of `size` pixels.
  explicit BorderMatch(cv::Size size);

  /// Measures the next frame. `background` is the crop of the picture, `animated` the animated
  /// crop; both have the size of the crop and the same type (3 or 4 bytes for each pixel).
  void update(const Lines& lines, const cv::Mat& background, const cv::Mat& animated);

  /// The offset to be added to line `y` of the animation: three floats for each pixel.
  void line(const Lines& lines, int y, float* offset) const;

 private:
  using Grid = std::vector<cv::Vec3f>;

  void measure(const cv::Mat& background, const cv::Mat& animated);
  void smooth_along_border();
  void follow();
  void relax(int rounds);
  void upsample_rows(const Lines& lines);

  cv::Size size_;
  bool started_ = false;
  std::vector<int> ring_;                  // the border cells of the grid, clockwise
  std::vector<cv::Vec3f> measured_, mean_; // for each cell of ring_
  std::vector<float> trust_;
  Grid grid_;
  FourTaps across_;
  TwoTaps down_;
  std::vector<float> padded_, planar_, wide_;
};

} // namespace fomo::compose
