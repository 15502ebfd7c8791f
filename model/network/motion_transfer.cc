// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/network/motion_transfer.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

namespace fomo {

namespace {

struct Point {
  double x, y;
  bool operator<(const Point& other) const { return x < other.x || (x == other.x && y < other.y); }
};

/// Twice the signed area of the triangle a, b, c.
double cross(const Point& a, const Point& b, const Point& c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/// One half of Andrew's monotone chain over sorted points, appended to `hull` without its last
/// point.
template<typename Iterator>
void append_chain(Iterator begin, Iterator end, std::vector<Point>& hull) {
  const size_t start = hull.size();
  for (Iterator point = begin; point != end; ++point) {
    while (hull.size() >= start + 2 && cross(hull[hull.size() - 2], hull.back(), *point) <= 0)
      hull.pop_back();
    hull.push_back(*point);
  }
  hull.pop_back();
}

} // namespace

double hull_area(const at::Tensor& kp_value) {
  const at::Tensor values = kp_value.detach().to(at::kCPU, at::kDouble).contiguous();
  const double* xy = values.const_data_ptr<double>();
  std::vector<Point> points;
  for (int64_t k = 0; k < values.size(1); k++)
    points.push_back({xy[2 * k], xy[2 * k + 1]});
  std::sort(points.begin(), points.end());
  std::vector<Point> hull;
  append_chain(points.begin(), points.end(), hull);
  append_chain(points.rbegin(), points.rend(), hull);
  double twice_area = 0;
  for (size_t i = 0; i < hull.size(); i++) {
    const Point &a = hull[i], &b = hull[(i + 1) % hull.size()];
    twice_area += a.x * b.y - b.x * a.y;
  }
  return std::abs(twice_area) / 2;
}

double movement_scale(double source_area, double reference_area) {
  constexpr double degenerate = 1e-8;
  if (!(source_area > degenerate) || !(reference_area > degenerate))
    return 1;
  return std::sqrt(source_area) / std::sqrt(reference_area);
}

Keypoints transfer_motion(const Keypoints& source, const Keypoints& driving,
                          const Keypoints& reference, const FomoMotion& motion, double scale) {
  if (!motion.relative)
    return driving;
  Keypoints result = driving;
  result.value =
      (driving.value - reference.value) * (motion.adapt_scale ? scale : 1.0) + source.value;
  if (motion.relative_jacobian && driving.jacobian.defined())
    result.jacobian =
        at::matmul(at::matmul(driving.jacobian, inverse_2x2(reference.jacobian)), source.jacobian);
  return result;
}

} // namespace fomo
