// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

namespace fomo {

/// The keypoints of one frame in host memory.
struct KeypointSet {
  int count = 0;
  std::vector<float> value;    ///< [count][2]: (x, y) in [-1, 1] of the frame
  std::vector<float> jacobian; ///< [count][2][2], row-major; empty in a zero-order model
  int on_face = 0;             ///< how many of the first keypoints lie on the face; 0: all
  int first_mouth = 0;         ///< index of the mouth's corners, upper and lower lip; 0: unknown
  int first_ear = 0;           ///< index of the first of the two ears; 0: unknown

  bool empty() const { return count == 0; }
};

/// A point in the coordinates of keypoints.
struct Point2 {
  double x, y;
};

/// The corners of the convex hull of `count` points (x, y), counter-clockwise. Fewer than three
/// corners if the points lie on a line.
std::vector<Point2> convex_hull(const float* points, int count);
/// The distance of (x, y) from a convex hull of at least three corners, positive inside and
/// negative outside.
double depth_in_hull(const std::vector<Point2>& hull, double x, double y);
/// Area of the convex hull of `count` points (x, y); 0 for fewer than three or points on a line.
double hull_area(const float* points, int count);
/// Area of the convex hull of the keypoints on the face.
double hull_area(const KeypointSet& keypoints);

/// The ratio of the sizes of the source's and the driver's face: sqrt(source area) / sqrt(reference
/// area). 1 if one of the hulls is degenerate, so that the result is neither 0 nor unbounded.
double movement_scale(double source_area, double reference_area);

} // namespace fomo
