// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/lost_face.h"

#include <algorithm>

#include "driver/calibration/strength.h"

namespace fomo {

namespace {

constexpr double hold_duration = 0.3, relax_after = 0.4, relax_duration = 1.2; // seconds

} // namespace

void LostFace::reset() {
  present_ = true;
  relaxing_ = false;
  absent_seconds_ = 0;
  last_ = last_clear_ = {};
  cross_fade_.stop();
}

KeypointSet LostFace::blended(const KeypointSet& animated, double confidence) {
  if (confidence >= clear_from) {
    last_clear_ = animated;
    return animated;
  }
  const double share = std::clamp((confidence - lose_below) / (clear_from - lose_below), 0.0, 1.0);
  return with_strength(animated, last_clear_, share);
}

PoseToRender LostFace::pose_while_lost(const KeypointSet& source, double seconds) {
  absent_seconds_ += seconds;
  if (policy_ == FOMO_LOST_FREEZE)
    return {last_, false, true};
  if (policy_ == FOMO_LOST_RELAX && absent_seconds_ >= relax_after) {
    if (!relaxing_)
      cross_fade_.start(last_, source, relax_duration);
    relaxing_ = true;
    return {cross_fade_.apply(source, seconds), false, false};
  }
  return {cross_fade_.apply(last_clear_, seconds), false, false};
}

PoseToRender LostFace::update(const KeypointSet& animated, const KeypointSet& source,
                              double confidence, double seconds) {
  const bool was_present = present_;
  present_ = confidence >= (was_present ? lose_below : regain_from);
  // Before the first present frame the picture keeps its own pose.
  if (last_.count != animated.count)
    last_ = last_clear_ = present_ ? animated : source;
  PoseToRender result;
  if (present_) {
    const KeypointSet wanted = blended(animated, confidence);
    if (!was_present)
      cross_fade_.start(last_, wanted);
    result.keypoints = cross_fade_.apply(wanted, was_present ? seconds : 0);
  } else {
    if (was_present) {
      absent_seconds_ = 0;
      relaxing_ = false;
      cross_fade_.start(last_, last_clear_, hold_duration);
    }
    result = pose_while_lost(source, was_present ? 0 : seconds);
  }
  last_ = result.keypoints;
  return result;
}

} // namespace fomo
