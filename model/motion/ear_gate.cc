// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/ear_gate.h"

#include <algorithm>
#include <cmath>

#include "model/motion/motion_math.h"

namespace fomo {

namespace {

/// Distances to the face's outline in the keypoints' units, inside positive: from where on an ear
/// is held back, and over how much of the way.
constexpr double kBegins = -0.16, kWay = 0.08;
/// Of a cell likewise: the disc is wider than its centre.
constexpr double kCellBegins = -0.18;
/// Logits differ by ten at most: nothing is left of a share lowered by this.
constexpr double kNothingLeft = 30;

/// How far inside the hull a point lies, negative outside.
double depth_in_hull(const std::vector<Point2>& hull, double x, double y) {
  double nearest = INFINITY;
  bool inside = true;
  for (size_t i = 0; i < hull.size(); i++) {
    const Point2 &a = hull[i], &b = hull[(i + 1) % hull.size()];
    const double ex = b.x - a.x, ey = b.y - a.y, px = x - a.x, py = y - a.y;
    const double length = ex * ex + ey * ey;
    const double along = length > 0 ? std::clamp((px * ex + py * ey) / length, 0.0, 1.0) : 0;
    nearest = std::min(nearest, std::hypot(px - along * ex, py - along * ey));
    inside = inside && ex * py - ey * px >= 0; // the hull runs counter-clockwise
  }
  return inside ? nearest : -nearest;
}

} // namespace

bool gate_ears(const KeypointSet& driving, float* bias) {
  std::fill_n(bias, driving.count + 1, 0.0F);
  const int ears = driving.first_ear;
  if (ears <= 0 || ears + 2 > driving.count || driving.on_face < 3)
    return false;
  const std::vector<Point2> hull = convex_hull(driving.value.data(), driving.on_face);
  if (hull.size() < 3)
    return false;
  bool any = false;
  for (int k = ears; k < ears + 2; k++) {
    const auto at = static_cast<size_t>(2) * k;
    const double depth = depth_in_hull(hull, driving.value[at], driving.value[at + 1]);
    const double held = std::clamp((depth - kBegins) / kWay, 0.0, 1.0);
    bias[k + 1] = static_cast<float>(-kNothingLeft * held);
    any = any || held > 0;
  }
  return any;
}

void inside_face(const KeypointSet& driving, int width, int height, float* inside) {
  const std::vector<Point2> hull = convex_hull(driving.value.data(), driving.on_face);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const double depth =
          depth_in_hull(hull, cell_coordinate(x, width), cell_coordinate(y, height));
      *inside++ = static_cast<float>(std::clamp((depth - kCellBegins) / kWay, 0.0, 1.0));
    }
}

} // namespace fomo
