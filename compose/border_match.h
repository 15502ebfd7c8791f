// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include <opencv2/core.hpp>

#include "compose/axis.h"

namespace fomo::compose {

/// Brings the colours of an animated crop to those of the picture around it: measures along the
/// crop's border how much lighter or darker the picture is than the animation, carries that inwards
/// as smoothly as can be (a membrane over a coarse grid: no new edges), and lets it change slowly
/// from frame to frame.
class BorderMatch {
 public:
  static constexpr int kCells = 16; ///< of the grid, each way

  /// For crops of `size` pixels.
  explicit BorderMatch(cv::Size size);

  /// Takes the next frame: `background` and `animated` are the crop in the picture at rest and as
  /// it moves, both of the same type (3 or 4 bytes a pixel) and of the crop's size.
  void update(const Lines& lines, const cv::Mat& background, const cv::Mat& animated);

  /// What has to be added to line `y` of the animation: three floats a pixel.
  void line(const Lines& lines, int y, float* offset) const;

 private:
  using Grid = std::vector<cv::Vec3f>;

  void measure(const cv::Mat& background, const cv::Mat& animated);
  void smooth_along_border();
  void follow();
  void relax(int rounds);
  void widen(const Lines& lines);

  cv::Size size_;
  bool started_ = false;
  std::vector<int> ring_;                  // the grid's border cells, once around
  std::vector<cv::Vec3f> measured_, mean_; // along the ring
  std::vector<float> trust_;
  Grid grid_;
  FourTaps across_;
  TwoTaps down_;
  std::vector<float> padded_, planar_, wide_;
};

} // namespace fomo::compose
