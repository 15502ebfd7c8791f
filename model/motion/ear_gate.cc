// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/ear_gate.h"

#include <algorithm>
#include <cmath>

#include "model/motion/motion_math.h"

namespace fomo {

namespace {

/// The bias of an ear rises linearly with its depth in the face's outline (in the keypoints' units,
/// negative outside): it starts at kStart and is complete after kWidth.
constexpr double kStart = -0.16, kWidth = 0.08;
/// The depth of a cell at which the bias starts: the disc is wider than its centre.
constexpr double kCellStart = -0.18;
/// The depth that a hidden ear of a source gets.
constexpr double kOffFace = -0.17;
/// The complete reduction of a logit. Logits differ by at most ten, so the mask becomes 0.
constexpr double kReduction = 30;

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
    const double share = std::clamp((depth - kStart) / kWidth, 0.0, 1.0);
    bias[k + 1] = static_cast<float>(-kReduction * share);
    any = any || share > 0;
  }
  return any;
}

void move_ears_off_face(KeypointSet& source) {
  const int ears = source.first_ear;
  if (ears <= 0 || ears + 2 > source.count || source.on_face < 3)
    return;
  const std::vector<Point2> hull = convex_hull(source.value.data(), source.on_face);
  if (hull.size() < 3)
    return;
  Point2 middle{0, 0};
  for (const Point2& corner : hull) {
    middle.x += corner.x / static_cast<double>(hull.size());
    middle.y += corner.y / static_cast<double>(hull.size());
  }
  for (int k = ears; k < ears + 2; k++) {
    const auto at = static_cast<size_t>(2) * k;
    const double x = source.value[at], y = source.value[at + 1];
    const double depth = depth_in_hull(hull, x, y);
    const double distance = std::hypot(x - middle.x, y - middle.y);
    if (depth > 0 || depth < kOffFace || distance <= 0)
      continue;
    const double farther = (depth - kOffFace) / distance;
    source.value[at] += static_cast<float>((x - middle.x) * farther);
    source.value[at + 1] += static_cast<float>((y - middle.y) * farther);
  }
}

void inside_face(const KeypointSet& driving, int width, int height, float* inside) {
  const std::vector<Point2> hull = convex_hull(driving.value.data(), driving.on_face);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const double depth =
          depth_in_hull(hull, cell_coordinate(x, width), cell_coordinate(y, height));
      *inside++ = static_cast<float>(std::clamp((depth - kCellStart) / kWidth, 0.0, 1.0));
    }
}

} // namespace fomo
