// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/keypoints.h"

#include <algorithm>
#include <cmath>

namespace fomo {

namespace {

bool before(const Point2& a, const Point2& b) { return a.x < b.x || (a.x == b.x && a.y < b.y); }

/// Twice the signed area of the triangle a, b, c.
double cross(const Point2& a, const Point2& b, const Point2& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/// Appends one half of the hull (Andrew's monotone chain over sorted points), without its last
/// point.
template<typename Iterator>
void append_chain(Iterator begin, Iterator end, std::vector<Point2>& hull) {
  const size_t start = hull.size();
  for (Iterator point = begin; point != end; ++point) {
    while (hull.size() >= start + 2 && cross(hull[hull.size() - 2], hull.back(), *point) <= 0)
      hull.pop_back();
    hull.push_back(*point);
  }
  hull.pop_back();
}

} // namespace

std::vector<Point2> convex_hull(const float* points, int count) {
  std::vector<Point2> sorted, hull;
  for (int k = 0; k < count; k++)
    sorted.push_back({points[2 * k], points[2 * k + 1]});
  std::sort(sorted.begin(), sorted.end(), before);
  if (count < 3)
    return sorted;
  append_chain(sorted.begin(), sorted.end(), hull);
  append_chain(sorted.rbegin(), sorted.rend(), hull);
  return hull;
}

double depth_in_hull(const std::vector<Point2>& hull, double x, double y) {
  double nearest = INFINITY; // squared
  bool inside = true;
  for (size_t i = 0; i < hull.size(); i++) {
    const Point2 &a = hull[i], &b = hull[(i + 1) % hull.size()];
    const double ex = b.x - a.x, ey = b.y - a.y, px = x - a.x, py = y - a.y;
    const double length = ex * ex + ey * ey;
    const double along = length > 0 ? std::clamp((px * ex + py * ey) / length, 0.0, 1.0) : 0;
    const double dx = px - along * ex, dy = py - along * ey;
    nearest = std::min(nearest, dx * dx + dy * dy);
    inside = inside && ex * py - ey * px >= 0; // the hull runs counter-clockwise
  }
  return inside ? std::sqrt(nearest) : -std::sqrt(nearest);
}

double hull_area(const float* points, int count) {
  if (count < 3)
    return 0;
  const std::vector<Point2> hull = convex_hull(points, count);
  double twice_area = 0;
  for (size_t i = 0; i < hull.size(); i++) {
    const Point2 &a = hull[i], &b = hull[(i + 1) % hull.size()];
    twice_area += a.x * b.y - b.x * a.y;
  }
  return std::abs(twice_area) / 2;
}

double hull_area(const KeypointSet& keypoints) {
  return hull_area(keypoints.value.data(),
                   keypoints.on_face > 0 ? keypoints.on_face : keypoints.count);
}

double movement_scale(double source_area, double reference_area) {
  constexpr double degenerate = 1e-8;
  if (!(source_area > degenerate) || !(reference_area > degenerate))
    return 1;
  return std::sqrt(source_area) / std::sqrt(reference_area);
}

} // namespace fomo
