// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/crop_mapping.h"

#include <cmath>

#include "driver/calibration/deformation.h"

namespace fomo {

namespace {

/// The map p -> ratio * p + (x, y) of keypoint coordinates.
struct CropChange {
  double ratio = 1, x = 0, y = 0;
};

CropChange change_between(const Square& from, const Square& to) {
  const double half = to.size / 2;
  return {from.size / to.size, (from.cx - to.cx) / half, (from.cy - to.cy) / half};
}

KeypointSet changed(const KeypointSet& keypoints, const CropChange& change) {
  KeypointSet result = keypoints;
  for (size_t i = 0; i + 1 < result.value.size(); i += 2) {
    result.value[i] = static_cast<float>(change.ratio * result.value[i] + change.x);
    result.value[i + 1] = static_cast<float>(change.ratio * result.value[i + 1] + change.y);
  }
  for (float& entry : result.jacobian)
    entry = static_cast<float>(change.ratio * entry);
  return result;
}

bool nothing_to_map(const Square& from, const Square& to) {
  return is_empty(from) || is_empty(to) ||
         (from.cx == to.cx && from.cy == to.cy && from.size == to.size);
}

} // namespace

KeypointSet map_keypoints(const KeypointSet& keypoints, const Square& from, const Square& to) {
  return nothing_to_map(from, to) ? keypoints : changed(keypoints, change_between(from, to));
}

KeypointSet map_keypoints_limited(const KeypointSet& keypoints, const Square& from,
                                  const Square& to) {
  constexpr double full_shift = 0.25, most_shift = 0.4, full_ratio = 1.4, most_ratio = 1.8;
  if (nothing_to_map(from, to))
    return keypoints;
  CropChange change = change_between(from, to);
  change.ratio =
      std::exp(soft_limit(std::log(change.ratio), std::log(full_ratio), std::log(most_ratio)));
  const double shift = std::hypot(change.x, change.y);
  if (shift > full_shift) {
    const double kept = soft_limit(shift, full_shift, most_shift) / shift;
    change.x *= kept;
    change.y *= kept;
  }
  return changed(keypoints, change);
}

} // namespace fomo
