// SPDX-License-Identifier: LGPL-2.1-or-later
#include "face/framing.h"

#include <algorithm>
#include <cmath>

namespace fomo {

namespace {

constexpr double usual_size = 2.0, smallest_size = 1.6, raised = 0.05, most_shift = 0.15;

/// The centre of something of `extent`, shifted by at most `limit` so that it lies in [0, length].
double shifted_inside(double center, double extent, double length, double limit) {
  if (extent >= length)
    return center + std::clamp(length / 2 - center, -limit, limit);
  const double inside = std::clamp(center, extent / 2, length - extent / 2);
  return center + std::clamp(inside - center, -limit, limit);
}

} // namespace

Square face_crop(const Box& face, double roll, int width, int height) {
  const double extent = std::sqrt(area(face)), spread = turned_extent(roll);
  const Point middle = center(face);
  const Point raised_middle = turned({middle.x, middle.y - raised * extent}, middle, roll);
  const double to_border = std::min(
      {raised_middle.x, width - raised_middle.x, raised_middle.y, height - raised_middle.y});
  // The largest square that can be shifted inside.
  const double largest =
      std::min(std::min(width, height) / spread, to_border / (spread / 2 - most_shift));
  Square crop;
  crop.roll = roll;
  crop.size = std::clamp(largest, smallest_size * extent, usual_size * extent);
  const double limit = most_shift * crop.size;
  crop.cx = shifted_inside(raised_middle.x, spread * crop.size, width, limit);
  crop.cy = shifted_inside(raised_middle.y, spread * crop.size, height, limit);
  return crop;
}

} // namespace fomo
