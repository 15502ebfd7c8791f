// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/driver_motion.h"

#include <algorithm>
#include <cmath>

#include "driver/calibration/crop_mapping.h"
#include "driver/calibration/pose_distance.h"

namespace fomo {

namespace {

// Another reference must be worth it: nearer to the picture's pose by a quarter and by more than
// what keypoints shiver, not before the last change has settled, and seen clearly.
constexpr double nearer_by = 0.75, least_gain = 0.02, settled_after = 1.0;
// A driver who has sat down elsewhere (so far from where the reference was taken, in half crops or
// as the logarithm of a ratio of sizes; for so many seconds) is taken to be in the middle again.
constexpr double elsewhere = 0.2, at_rest_after = 0.8, recentre_duration = 1.0;
// A reference is bad if what comes after it is distrusted for so many seconds while the face is
// there.
constexpr double bad_after = 2.0;

/// How far `a`'s keypoints lie from `b`'s on the whole.
std::array<float, 2> mean_difference(const KeypointSet& a, const KeypointSet& b) {
  std::array<float, 2> mean{};
  for (size_t i = 0; i < a.value.size() && i < b.value.size(); i++)
    mean[i % 2] += (a.value[i] - b.value[i]) / static_cast<float>(b.count);
  return mean;
}

/// How far apart two crops are, in half crops or as the logarithm of the ratio of their sizes.
double apart(const Square& a, const Square& b) {
  if (is_empty(a) || is_empty(b))
    return 0;
  return std::max(2 * std::hypot(a.cx - b.cx, a.cy - b.cy) / b.size,
                  std::abs(std::log(a.size / b.size)));
}

} // namespace

void DriverMotion::set(const CalibrationSettings& settings) {
  settings_ = settings;
  smoother_.set_amount(settings.smoothing);
  lost_.set_policy(settings.on_lost);
}

void DriverMotion::reset_reference() {
  wants_reference_ = true;
  glides_ = false;
  given_ = given_is_new_ = false;
}

void DriverMotion::renew_reference() {
  if (!given_)
    reset_reference();
}

void DriverMotion::set_reference(const KeypointSet& reference) {
  reference_ = reference;
  reference_evidence_ = {};
  given_ = given_is_new_ = true;
  wants_reference_ = false;
}

void DriverMotion::reset() {
  smoother_.reset();
  glide_.stop();
  lost_.reset();
  rendered_ = shown_ = {};
  started_ = false;
  resting_crop_ = {};
  distrusted_seconds_ = 0;
  if (given_) {
    given_is_new_ = true;
  } else {
    wants_reference_ = true;
    glides_ = false;
    reference_ = {};
  }
}

void DriverMotion::notice_picture(const KeypointSet& source) {
  if (source_.value == source.value && source_.jacobian == source.jacobian)
    return;
  source_ = source;
  lost_.reset();
  glide_.stop();
  rendered_ = shown_ = {};
  // The pose to count from stays; how near it is to this picture's decides what takes its place.
  if (!reference_.empty())
    reference_distance_ = pose_distance(reference_, source);
}

void DriverMotion::notice_scene(const DrivingFrame& frame) {
  const bool another = frame.new_scene || is_empty(home_) != is_empty(frame.crop);
  if (started_ && !another)
    return;
  smoother_.reset();
  home_ = frame.crop;
  // Where the old scene's crop was says nothing about this one's.
  reference_crop_ = frame.crop;
  place_ = {};
  if (started_ && settings_.reference == FOMO_REFERENCE_AUTO && !given_) {
    wants_reference_ = true;
    glides_ = true;
  }
}

KeypointSet DriverMotion::smoothed(const DrivingFrame& frame, double seconds) {
  // In one crop all the time, or its own motion would pass for the driver's.
  const KeypointSet at_home = map_keypoints(frame.keypoints, frame.crop, home_);
  return map_keypoints(smoother_.update(at_home, seconds), home_, frame.crop);
}

KeypointSet DriverMotion::moved_source(const KeypointSet& driving, const KeypointSet& source,
                                       double source_area) {
  KeypointSet result =
      transfer_.apply(source, source_area, map_keypoints_limited(driving, crop_, reference_crop_),
                      settings_.motion);
  for (size_t i = 0; i < result.value.size(); i++)
    result.value[i] += place_[i % 2];
  return result;
}

KeypointSet DriverMotion::transferred(const KeypointSet& driving, const KeypointSet& source,
                                      double source_area) {
  KeypointSet result = moved_source(driving, source, source_area);
  result = with_strength(result, source, settings_.strength);
  // Absolute keypoints are the driver's own: the picture's say nothing about where they may be.
  return settings_.guard && settings_.motion.relative ? limit_motion(result, source) : result;
}

bool DriverMotion::should_adopt(double distance, double confidence, double seconds) const {
  if (wants_reference_)
    return confidence >= LostFace::takes_back;
  return settings_.reference == FOMO_REFERENCE_AUTO && !given_ && confidence >= LostFace::clear &&
         !glide_.active() && seconds - reference_seconds_ >= settled_after &&
         distance < nearer_by * reference_distance_ && distance < reference_distance_ - least_gain;
}

bool DriverMotion::should_recentre(const DrivingFrame& frame, double confidence) const {
  return settings_.reference == FOMO_REFERENCE_AUTO && settings_.motion.relative &&
         confidence >= LostFace::clear && !glide_.active() && rest_seconds_ >= at_rest_after &&
         apart(frame.crop, reference_crop_) > elsewhere;
}

bool DriverMotion::adopt_given(const DrivingFrame& frame) {
  if (!given_is_new_ || reference_.count != frame.keypoints.count ||
      reference_.jacobian.size() != frame.keypoints.jacobian.size())
    return false;
  given_is_new_ = false;
  centre();
  reference_distance_ = pose_distance(reference_, source_);
  transfer_.reset();
  transfer_.apply(reference_, 0, reference_, settings_.motion);
  return true;
}

void DriverMotion::adopt(const DrivingFrame& frame, const KeypointSet& driving, double distance) {
  reference_ = driving;
  reference_evidence_ = frame.evidence;
  reference_distance_ = distance;
  reference_seconds_ = frame.seconds;
  wants_reference_ = false;
  transfer_.reset();
  centre();
}

void DriverMotion::centre() {
  reference_crop_ = crop_;
  place_ = {};
}

void DriverMotion::notice_rest(const DrivingFrame& frame, double seconds) {
  constexpr double still = 0.01;
  if (apart(frame.crop, resting_crop_) > still || is_empty(resting_crop_)) {
    resting_crop_ = frame.crop;
    rest_seconds_ = 0;
  } else {
    rest_seconds_ += seconds;
  }
}

void DriverMotion::notice_distrust(const FrameEvidence& evidence, double confidence,
                                   double seconds) {
  const bool face_is_there = evidence.face < 0 || evidence.face >= LostFace::clear;
  distrusted_seconds_ =
      face_is_there && confidence < LostFace::takes_back ? distrusted_seconds_ + seconds : 0;
  if (distrusted_seconds_ < bad_after || given_ || settings_.reference != FOMO_REFERENCE_AUTO)
    return;
  distrusted_seconds_ = 0;
  wants_reference_ = true;
  glides_ = true;
}

double DriverMotion::confidence_in(const DrivingFrame& frame, const KeypointSet& source) const {
  // What is to become the reference is not judged by the one that it replaces.
  const bool fresh = wants_reference_ || reference_.empty();
  return frame_confidence(frame.keypoints, frame.evidence, fresh ? KeypointSet() : reference_,
                          fresh ? FrameEvidence() : reference_evidence_, source);
}

DrivenPose DriverMotion::update(const DrivingFrame& frame, const KeypointSet& source,
                                double source_area) {
  constexpr double longest_step = 1;
  const double step = started_ ? std::clamp(frame.seconds - last_seconds_, 0.0, longest_step) : 0.0;
  last_seconds_ = frame.seconds;
  notice_picture(source);
  notice_scene(frame);
  notice_rest(frame, step);
  crop_ = frame.crop;
  started_ = true;

  DrivenPose result;
  result.reference_set = adopt_given(frame);
  result.confidence = confidence_in(frame, source);
  notice_distrust(frame.evidence, result.confidence, step);
  if (is_finite(frame.keypoints))
    follow(frame, source, source_area, step, result);
  result.reference_distance = reference_distance_;
  // Before there is anything to count from, the picture rests.
  const bool nothing_yet = rendered_.empty();
  result.pose = lost_.update(nothing_yet ? source : rendered_, source,
                             nothing_yet ? 0 : result.confidence, step);
  if (!settings_.guard)
    result.pose = {nothing_yet ? source : rendered_, true, false};
  shown_ = result.pose.keypoints;
  return result;
}

void DriverMotion::follow(const DrivingFrame& frame, const KeypointSet& source, double source_area,
                          double step, DrivenPose& result) {
  const KeypointSet driving = smoothed(frame, step);
  const double distance = pose_distance(driving, source);
  const bool adopts = should_adopt(distance, result.confidence, frame.seconds);
  const bool recentres = !adopts && should_recentre(frame, result.confidence);
  if (!adopts && reference_.empty())
    return;
  if (!adopts && !recentres) {
    rendered_ = glide_.apply(transferred(driving, source, source_area), step);
    return;
  }
  // An improvement must not show: without it, this frame would have been rendered so.
  const bool improves = recentres || !wants_reference_;
  const bool hides = (improves || glides_) && !shown_.empty();
  KeypointSet before = shown_, place_before;
  if (improves) {
    before = glide_.apply(transferred(driving, source, source_area), step);
    place_before = moved_source(driving, source, source_area);
  }
  if (recentres) {
    centre();
  } else {
    adopt(frame, driving, distance);
    // A better pose may be met with the head off the middle: that is no reason to move it there.
    if (improves)
      place_ = mean_difference(place_before, moved_source(driving, source, source_area));
  }
  result.reference_set = adopts;
  const KeypointSet after = transferred(driving, source, source_area);
  if (hides)
    glide_.start(before, after, adopts ? PoseGlide::default_duration : recentre_duration);
  else
    glide_.stop();
  rendered_ = glide_.apply(after, 0);
}

} // namespace fomo
