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
  last_ = clear_ = {};
  glide_.stop();
}

KeypointSet LostFace::held_back(const KeypointSet& animated, double confidence) {
  if (confidence >= clear) {
    clear_ = animated;
    return animated;
  }
  const double share = std::clamp((confidence - gives_up) / (clear - gives_up), 0.0, 1.0);
  return with_strength(animated, clear_, share);
}

PoseToRender LostFace::absent(const KeypointSet& source, double seconds) {
  absent_seconds_ += seconds;
  if (policy_ == FOMO_LOST_FREEZE)
    return {last_, false, true};
  if (policy_ == FOMO_LOST_RELAX && absent_seconds_ >= relax_after) {
    if (!relaxing_)
      glide_.start(last_, source, relax_duration);
    relaxing_ = true;
    return {glide_.apply(source, seconds), false, false};
  }
  return {glide_.apply(clear_, seconds), false, false};
}

PoseToRender LostFace::update(const KeypointSet& animated, const KeypointSet& source,
                              double confidence, double seconds) {
  const bool was_present = present_;
  present_ = confidence >= (was_present ? gives_up : takes_back);
  // A driver who was never there leaves the picture at rest.
  if (last_.count != animated.count)
    last_ = clear_ = present_ ? animated : source;
  PoseToRender result;
  if (present_) {
    const KeypointSet wanted = held_back(animated, confidence);
    if (!was_present)
      glide_.start(last_, wanted);
    result.keypoints = glide_.apply(wanted, was_present ? seconds : 0);
  } else {
    if (was_present) {
      absent_seconds_ = 0;
      relaxing_ = false;
      glide_.start(last_, clear_, hold_duration);
    }
    result = absent(source, was_present ? 0 : seconds);
  }
  last_ = result.keypoints;
  return result;
}

} // namespace fomo
