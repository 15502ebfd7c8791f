// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/crop_mapping.h"

#include <cmath>

#include "driver/calibration/deformation.h"

namespace fomo {

namespace {

/// The map p -> ratio * R(roll) p + (x, y) of keypoint coordinates.
struct CropChange {
  double ratio = 1, roll = 0, x = 0, y = 0;
};

CropChange change_between(const Square& from, const Square& to) {
  const double half = to.size / 2;
  const Point shift = turned({(from.cx - to.cx) / half, (from.cy - to.cy) / half}, {}, -to.roll);
  return {from.size / to.size, wrapped(from.roll - to.roll), shift.x, shift.y};
}

KeypointSet changed(const KeypointSet& keypoints, const CropChange& change) {
  KeypointSet result = keypoints;
  for (size_t i = 0; i + 1 < result.value.size(); i += 2) {
    const Point at = turned({result.value[i], result.value[i + 1]}, {}, change.roll);
    result.value[i] = static_cast<float>(change.ratio * at.x + change.x);
    result.value[i + 1] = static_cast<float>(change.ratio * at.y + change.y);
  }
  // A Jacobian's columns are vectors of the crop.
  for (size_t i = 0; i + 3 < result.jacobian.size(); i += 4)
    for (size_t column = i; column < i + 2; column++) {
      const Point vector =
          turned({result.jacobian[column], result.jacobian[column + 2]}, {}, change.roll);
      result.jacobian[column] = static_cast<float>(change.ratio * vector.x);
      result.jacobian[column + 2] = static_cast<float>(change.ratio * vector.y);
    }
  return result;
}

bool nothing_to_map(const Square& from, const Square& to) {
  return is_empty(from) || is_empty(to) || from == to;
}

} // namespace

KeypointSet map_keypoints(const KeypointSet& keypoints, const Square& from, const Square& to) {
  return nothing_to_map(from, to) ? keypoints : changed(keypoints, change_between(from, to));
}

KeypointSet map_keypoints_limited(const KeypointSet& keypoints, const Square& from,
                                  const Square& to) {
  constexpr double full_shift = 0.25, most_shift = 0.4, full_ratio = 1.4, most_ratio = 1.8;
  constexpr double full_roll = 25 * kPi / 180, most_roll = 40 * kPi / 180;
  if (nothing_to_map(from, to))
    return keypoints;
  CropChange change = change_between(from, to);
  change.ratio =
      std::exp(soft_limit(std::log(change.ratio), std::log(full_ratio), std::log(most_ratio)));
  change.roll = soft_limit(change.roll, full_roll, most_roll);
  const double shift = std::hypot(change.x, change.y);
  if (shift > full_shift) {
    const double kept = soft_limit(shift, full_shift, most_shift) / shift;
    change.x *= kept;
    change.y *= kept;
  }
  return changed(keypoints, change);
}

} // namespace fomo
