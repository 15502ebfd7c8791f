// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/calibration/lost_face.h"

namespace fomo {

namespace {

constexpr double relax_after = 0.4, relax_duration = 1.2; // seconds

} // namespace

void LostFace::reset() {
  present_ = true;
  absent_seconds_ = 0;
  last_ = held_ = {};
  glide_.stop();
}

PoseToRender LostFace::absent(const KeypointSet& source, double seconds) {
  const double before = absent_seconds_;
  absent_seconds_ += seconds;
  if (policy_ == LostPolicy::freeze)
    return {held_, false, true};
  if (policy_ == LostPolicy::hold || absent_seconds_ < relax_after)
    return {held_, false, false};
  if (before < relax_after)
    glide_.start(held_, source, relax_duration);
  return {glide_.apply(source, seconds), false, false};
}

PoseToRender LostFace::update(const KeypointSet& animated, const KeypointSet& source,
                              double confidence, double seconds) {
  const bool was_present = present_;
  present_ = confidence >= (was_present ? gives_up : takes_back);
  // A driver who was never there leaves the picture at rest.
  if (last_.count != animated.count)
    last_ = present_ ? animated : source;
  PoseToRender result;
  if (present_) {
    if (!was_present)
      glide_.start(last_, animated);
    result.keypoints = glide_.apply(animated, was_present ? seconds : 0);
  } else {
    if (was_present) {
      held_ = last_;
      absent_seconds_ = 0;
      glide_.stop();
    }
    result = absent(source, was_present ? 0 : seconds);
  }
  last_ = result.keypoints;
  return result;
}

} // namespace fomo
