// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/driver_motion.h"

#include <algorithm>
#include <cmath>

#include "driver/calibration/crop_mapping.h"
#include "driver/calibration/pose_distance.h"
#include "model/motion/head_fit.h"

namespace fomo {

namespace {

// A frame replaces the reference if its pose distance to the picture is at most `better_ratio` of
// the reference's and smaller by `better_difference` (the noise of keypoints), and if the reference
// is at least `reference_duration` seconds old.
constexpr double better_ratio = 0.75, better_difference = 0.02, reference_duration = 1.0;
// The motion is recentred when the crop is at least `recentre_distance` (see crop_distance) away
// from the reference's crop and has been still for `recentre_after` seconds: the driver has moved
// to another place. The recentring is cross-faded over `recentre_duration` seconds.
constexpr double recentre_distance = 0.2, recentre_after = 0.8, recentre_duration = 1.0;
// A reference is replaced when the confidence has been low for `distrusted_after` seconds although
// the face is tracked well.
constexpr double distrusted_after = 2.0;

/// The mean over the keypoints of a - b.
std::array<float, 2> mean_difference(const KeypointSet& a, const KeypointSet& b) {
  std::array<float, 2> mean{};
  for (size_t i = 0; i < a.value.size() && i < b.value.size(); i++)
    mean[i % 2] += (a.value[i] - b.value[i]) / static_cast<float>(b.count);
  return mean;
}

/// The distance of the centres of two crops in half crops, the absolute logarithm of the ratio of
/// their sizes, or twice the angle between them, whichever is largest. 0 if one of the crops is
/// empty.
double crop_distance(const Square& a, const Square& b) {
  if (is_empty(a) || is_empty(b))
    return 0;
  return std::max({2 * std::hypot(a.cx - b.cx, a.cy - b.cy) / b.size,
                   std::abs(std::log(a.size / b.size)), 2 * std::abs(wrapped(a.roll - b.roll))});
}

} // namespace

void DriverMotion::set(const CalibrationSettings& settings) {
  settings_ = settings;
  smoother_.set_amount(settings.smoothing);
  lost_face_.set_policy(settings.on_lost);
}

void DriverMotion::reset_reference() {
  request_reference(false);
  still_reference_ = still_reference_is_new_ = false;
}

void DriverMotion::renew_reference() {
  if (!still_reference_)
    reset_reference();
}

void DriverMotion::request_reference(bool cross_fade) {
  reference_requested_ = true;
  request_cross_fades_ = cross_fade;
}

void DriverMotion::set_reference(const KeypointSet& reference) {
  reference_ = reference;
  reference_evidence_ = {};
  still_reference_ = still_reference_is_new_ = true;
  reference_requested_ = false;
}

void DriverMotion::reset() {
  smoother_.reset();
  cross_fade_.stop();
  lost_face_.reset();
  driven_ = rendered_ = {};
  started_ = false;
  resting_crop_ = {};
  distrusted_seconds_ = 0;
  if (still_reference_) {
    still_reference_is_new_ = true;
  } else {
    request_reference(false);
    reference_ = {};
  }
}

void DriverMotion::detect_new_picture(const KeypointSet& source) {
  if (source_.value == source.value && source_.jacobian == source.jacobian)
    return;
  source_ = source;
  lost_face_.reset();
  cross_fade_.stop();
  driven_ = rendered_ = {};
  // The reference stays in use, but its distance to the new picture is another one.
  if (!reference_.empty())
    reference_distance_ = pose_distance(reference_, source);
}

void DriverMotion::detect_new_scene(const DrivingFrame& frame) {
  const bool new_scene = frame.new_scene || is_empty(scene_crop_) != is_empty(frame.crop);
  if (started_ && !new_scene)
    return;
  smoother_.reset();
  scene_crop_ = frame.crop;
  // Crops of different scenes cannot be compared.
  reference_crop_ = frame.crop;
  head_offset_ = {};
  if (started_ && settings_.reference == FOMO_REFERENCE_AUTO && !still_reference_)
    request_reference(true);
}

KeypointSet DriverMotion::smoothed(const DrivingFrame& frame, double seconds) {
  // The smoother works in one fixed crop, so that the motion of the crop does not look like noise
  // or motion of the keypoints.
  const KeypointSet in_scene = map_keypoints(frame.keypoints, frame.crop, scene_crop_);
  return map_keypoints(smoother_.update(in_scene, seconds), scene_crop_, frame.crop);
}

KeypointSet DriverMotion::moved_source(const KeypointSet& driving, const KeypointSet& source,
                                       double source_area) {
  KeypointSet result =
      transfer_.apply(source, source_area, map_keypoints_limited(driving, crop_, reference_crop_),
                      settings_.motion);
  for (size_t i = 0; i < result.value.size(); i++)
    result.value[i] += head_offset_[i % 2];
  return result;
}

KeypointSet DriverMotion::transferred(const KeypointSet& driving, const KeypointSet& source,
                                      double source_area) {
  KeypointSet result = moved_source(driving, source, source_area);
  result = with_strength(result, source, settings_.strength);
  // Absolute keypoints do not depend on the source's, so limits relative to the source do not
  // apply.
  return settings_.guard && settings_.motion.relative ? limit_motion(result, source) : result;
}

KeypointSet DriverMotion::controlled(const KeypointSet& animated, const KeypointSet& source) const {
  if (are_neutral(settings_.face) || !have_names(source))
    return animated;
  const KeypointSet result = with_face_controls(animated, source, settings_.face);
  return settings_.guard && settings_.motion.relative ? limit_motion(result, source) : result;
}

bool DriverMotion::should_replace_reference(double distance, double confidence,
                                            double seconds) const {
  if (reference_requested_)
    return confidence >= LostFace::regain_from;
  return settings_.reference == FOMO_REFERENCE_AUTO && !still_reference_ &&
         confidence >= LostFace::clear_from && !cross_fade_.active() &&
         seconds - reference_seconds_ >= reference_duration &&
         distance < better_ratio * reference_distance_ &&
         distance < reference_distance_ - better_difference;
}

bool DriverMotion::should_recentre(const DrivingFrame& frame, double confidence) const {
  return settings_.reference == FOMO_REFERENCE_AUTO && settings_.motion.relative &&
         confidence >= LostFace::clear_from && !cross_fade_.active() &&
         rest_seconds_ >= recentre_after &&
         crop_distance(frame.crop, reference_crop_) > recentre_distance;
}

bool DriverMotion::use_still_reference(const DrivingFrame& frame) {
  if (!still_reference_is_new_ || reference_.count != frame.keypoints.count ||
      reference_.jacobian.size() != frame.keypoints.jacobian.size())
    return false;
  still_reference_is_new_ = false;
  recentre();
  reference_distance_ = pose_distance(reference_, source_);
  transfer_.reset();
  transfer_.apply(reference_, 0, reference_, settings_.motion);
  return true;
}

void DriverMotion::replace_reference(const DrivingFrame& frame, const KeypointSet& driving,
                                     double distance) {
  reference_ = driving;
  reference_evidence_ = frame.evidence;
  reference_distance_ = distance;
  reference_seconds_ = frame.seconds;
  reference_requested_ = false;
  transfer_.reset();
  recentre();
}

void DriverMotion::recentre() {
  reference_crop_ = crop_;
  head_offset_ = {};
}

void DriverMotion::measure_rest(const DrivingFrame& frame, double seconds) {
  constexpr double still = 0.01;
  if (crop_distance(frame.crop, resting_crop_) > still || is_empty(resting_crop_)) {
    resting_crop_ = frame.crop;
    rest_seconds_ = 0;
  } else {
    rest_seconds_ += seconds;
  }
}

void DriverMotion::measure_distrust(const FrameEvidence& evidence, double confidence,
                                    double seconds) {
  const bool has_face = evidence.face < 0 || evidence.face >= LostFace::clear_from;
  distrusted_seconds_ =
      has_face && confidence < LostFace::regain_from ? distrusted_seconds_ + seconds : 0;
  if (distrusted_seconds_ < distrusted_after || still_reference_ ||
      settings_.reference != FOMO_REFERENCE_AUTO)
    return;
  distrusted_seconds_ = 0;
  request_reference(true);
}

double DriverMotion::confidence_in(const DrivingFrame& frame, const KeypointSet& source) const {
  // A frame that will replace the reference is not compared with the old reference.
  const bool ignore_reference = reference_requested_ || reference_.empty();
  return frame_confidence(frame.keypoints, frame.evidence,
                          ignore_reference ? KeypointSet() : reference_,
                          ignore_reference ? FrameEvidence() : reference_evidence_, source);
}

DrivenPose DriverMotion::update(const DrivingFrame& frame, const KeypointSet& source,
                                double source_area) {
  constexpr double longest_step = 1;
  const double step = started_ ? std::clamp(frame.seconds - last_seconds_, 0.0, longest_step) : 0.0;
  last_seconds_ = frame.seconds;
  detect_new_picture(source);
  detect_new_scene(frame);
  measure_rest(frame, step);
  crop_ = frame.crop;
  started_ = true;

  DrivenPose result;
  result.reference_set = use_still_reference(frame);
  result.confidence = confidence_in(frame, source);
  measure_distrust(frame.evidence, result.confidence, step);
  if (is_finite(frame.keypoints))
    follow(frame, source, source_area, step, result);
  result.reference_distance = reference_distance_;
  // Without a reference the source keeps its own pose.
  const bool not_driven = driven_.empty();
  result.pose = lost_face_.update(not_driven ? source : driven_, source,
                                  not_driven ? 0 : result.confidence, step);
  if (!settings_.guard)
    result.pose = {not_driven ? source : driven_, true, false};
  rendered_ = result.pose.keypoints;
  result.pose.keypoints = controlled(rendered_, source);
  return result;
}

void DriverMotion::follow(const DrivingFrame& frame, const KeypointSet& source, double source_area,
                          double step, DrivenPose& result) {
  const KeypointSet driving = smoothed(frame, step);
  const double distance = pose_distance(driving, source);
  const bool replaces = should_replace_reference(distance, result.confidence, frame.seconds);
  const bool recentres = !replaces && should_recentre(frame, result.confidence);
  if (!replaces && reference_.empty())
    return;
  if (!replaces && !recentres) {
    driven_ = cross_fade_.apply(transferred(driving, source, source_area), step);
    return;
  }
  // The cross-fade starts at `before`: for an optional change the pose that this frame would have
  // without the change, for a requested reference the pose of the last frame.
  const bool optional = recentres || !reference_requested_;
  const bool cross_fades = (optional || request_cross_fades_) && !rendered_.empty();
  KeypointSet before = rendered_, moved_before;
  if (optional) {
    before = cross_fade_.apply(transferred(driving, source, source_area), step);
    moved_before = moved_source(driving, source, source_area);
  }
  if (recentres) {
    recentre();
  } else {
    replace_reference(frame, driving, distance);
    // The head of a better reference may be off centre. It keeps its place in the picture.
    if (optional)
      head_offset_ = mean_difference(moved_before, moved_source(driving, source, source_area));
  }
  result.reference_set = replaces;
  const KeypointSet after = transferred(driving, source, source_area);
  if (cross_fades)
    cross_fade_.start(before, after,
                      replaces ? PoseCrossFade::default_duration : recentre_duration);
  else
    cross_fade_.stop();
  driven_ = cross_fade_.apply(after, 0);
}

} // namespace fomo
