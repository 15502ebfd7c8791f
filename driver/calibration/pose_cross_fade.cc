// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/pose_cross_fade.h"

#include <algorithm>
#include <cmath>

namespace fomo {

void PoseCrossFade::start(const KeypointSet& from, const KeypointSet& to, double duration) {
  left_ = 0;
  if (from.value.size() != to.value.size() || from.jacobian.size() != to.jacobian.size() ||
      !(duration > 0))
    return;
  offset_.clear();
  deformation_.clear();
  for (size_t i = 0; i < to.value.size(); i++) {
    const double offset = static_cast<double>(from.value[i]) - to.value[i];
    offset_.push_back(std::isfinite(offset) ? offset : 0);
  }
  // A mirrored Jacobian has no deformation to fade: it jumps.
  for (size_t i = 0; i + 3 < to.jacobian.size(); i += 4)
    deformation_.push_back(deformation_between(&from.jacobian[i], &to.jacobian[i]));
  duration_ = left_ = duration;
}

KeypointSet PoseCrossFade::apply(const KeypointSet& keypoints, double seconds) {
  left_ = std::max(0.0, left_ - std::max(0.0, seconds));
  if (left_ == 0 || keypoints.value.size() != offset_.size() ||
      keypoints.jacobian.size() != 4 * deformation_.size())
    return keypoints;
  const double x = left_ / duration_, weight = x * x * (3 - 2 * x);
  KeypointSet result = keypoints;
  for (size_t i = 0; i < offset_.size(); i++)
    result.value[i] += static_cast<float>(weight * offset_[i]);
  for (size_t k = 0; k < deformation_.size(); k++)
    deform(deformation_[k].power(weight), &keypoints.jacobian[4 * k], &result.jacobian[4 * k]);
  return result;
}

} // namespace fomo
