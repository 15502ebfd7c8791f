// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

namespace fomo {

/// Keypoints of one frame in host memory.
struct KeypointSet {
  int count = 0;
  std::vector<float> value;    ///< count x (x, y), in [-1, 1] of the frame
  std::vector<float> jacobian; ///< count x row-major 2x2; empty in a zero-order model
  int on_face = 0;             ///< the first ones, whose hull is the size of a face; 0: all
  int first_mouth = 0;         ///< of the corners, upper and lower lip; 0: nobody knows
  int first_ear = 0;           ///< of the two ears; 0: nobody knows

  bool empty() const { return count == 0; }
};

/// A point of the keypoints' plane.
struct Point2 {
  double x, y;
};

/// The corners of the convex hull of `count` points (x, y), in the order of growing angle; fewer
/// than three for points on a line.
std::vector<Point2> convex_hull(const float* points, int count);
/// Area of the convex hull of `count` points (x, y); 0 for fewer than three or points on a line.
double hull_area(const float* points, int count);
/// That of the keypoints on the face.
double hull_area(const KeypointSet& keypoints);

/// sqrt(source area) / sqrt(reference area): how much larger the source's face is than the
/// driver's. 1 where a hull is degenerate, so that motion is neither lost nor exaggerated without
/// bounds.
double movement_scale(double source_area, double reference_area);

} // namespace fomo
