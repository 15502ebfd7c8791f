// SPDX-License-Identifier: LGPL-2.1-or-later
#include "face/framing.h"

#include <algorithm>
#include <cmath>

namespace fomo {

namespace {

constexpr double usual_size = 2.0, smallest_size = 1.6, raised = 0.05, most_shift = 0.1;

/// The centre of a side of `size`, shifted by at most `limit` so that the side lies in [0, length].
double shifted_inside(double center, double size, double length, double limit) {
  if (size >= length)
    return center + std::clamp(length / 2 - center, -limit, limit);
  const double inside = std::clamp(center, size / 2, length - size / 2);
  return center + std::clamp(inside - center, -limit, limit);
}

} // namespace

Square face_crop(const Box& face, int width, int height) {
  const double extent = std::sqrt(area(face));
  const double shorter = std::min(width, height);
  Square crop;
  crop.size = std::max(std::min(usual_size * extent, shorter), smallest_size * extent);
  const double limit = most_shift * crop.size;
  crop.cx = shifted_inside(center(face).x, crop.size, width, limit);
  crop.cy = shifted_inside(center(face).y - raised * extent, crop.size, height, limit);
  return crop;
}

} // namespace fomo
