// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

namespace fomo {

/// The opening between the lips: an arc above and an arc below the line between the corners of the
/// mouth. Points are in pixels.
struct MouthOpening {
  cv::Point2f left, right;  ///< corners, as the viewer sees them
  cv::Point2f upper, lower; ///< the middle of the upper and of the lower lip's inner edge

  float width() const;
  /// Height at the middle, in widths.
  float height() const;
  /// The depth of a point below the upper lip's edge and above the lower lip's, in pixels, negative
  /// outside. `along`: 0 at the left corner, 1 at the right one.
  struct Depth {
    float along, below_upper, above_lower;
  };
  Depth depth(cv::Point2f point) const;
};

namespace compose {

float luma(const cv::Vec3f& rgb);
/// Red, green and blue of a pixel of a crop as `cut_out` makes it.
cv::Vec3f pixel_of(const cv::Mat& crop, cv::Point at);
inline cv::Point2f centre_of(cv::Point pixel) {
  return cv::Point2f(pixel) + cv::Point2f(0.5F, 0.5F);
}

/// The pixels of an image of `size` that lie within `margin` widths of the opening.
cv::Rect bounds(const MouthOpening& opening, float margin, cv::Size size);
/// Mean colour of the pixels of `crop` above and below the opening, `from` to `to` widths away.
cv::Vec3f mean_outside(const cv::Mat& crop, const MouthOpening& opening, float from, float to);
/// Moves the lips' inner edges from where the keypoints are to where `crop` has them: the edges of
/// the teeth, or of shut lips the dark line between the lips. Returns whether teeth show.
bool find_edges(const cv::Mat& crop, MouthOpening& opening);

} // namespace compose
} // namespace fomo
