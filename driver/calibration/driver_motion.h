// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "common/geometry.h"
#include "driver/calibration/confidence.h"
#include "driver/calibration/keypoint_smoother.h"
#include "driver/calibration/lost_face.h"
#include "driver/calibration/pose_glide.h"
#include "driver/calibration/strength.h"
#include "model/motion/motion_transfer.h"

namespace fomo {

/// How the driver's motion becomes the picture's; may change with every frame.
struct CalibrationSettings : FomoCalibration {
  CalibrationSettings()
      : FomoCalibration{
            {1, 1, 1}, FOMO_REFERENCE_AUTO, FOMO_LOST_RELAX, 1, KeypointSmoother::default_amount} {}
  CalibrationSettings(const FomoCalibration& calibration, bool guards)
      : FomoCalibration(calibration), guard(guards) {}

  bool guard = true; ///< keep motion within MotionLimits, and act while the face is lost
};

/// One driving frame, as the network and the tracker saw it.
struct DrivingFrame {
  KeypointSet keypoints; ///< in the crop
  Square crop{};         ///< of the frame that they were seen in; empty: the same in all frames
  FrameEvidence evidence;
  double seconds = 0;     ///< stream time
  bool new_scene = false; ///< a cut, or a face was found or has returned
};

/// What becomes of it.
struct DrivenPose {
  PoseToRender pose;
  double confidence = 1;         ///< 0 to 1
  bool reference_set = false;    ///< this frame became the reference
  double reference_distance = 0; ///< of the reference's pose from the picture's
};

/// From the keypoints of driving frames to those that the picture is rendered with: mapped to the
/// reference's crop, smoothed, transferred, strengthened, limited, and replaced while the face is
/// lost.
class DriverMotion {
 public:
  void set(const CalibrationSettings& settings);
  /// The next frame that can be trusted becomes the reference, at once.
  void reset_reference();
  /// The same, unless the reference is a still picture's.
  void renew_reference();
  /// A still picture's keypoints become the reference; the driver's crop counts from the next
  /// frame's.
  void set_reference(const KeypointSet& reference);
  /// Another video, or a seek: forgets everything but a reference that was set.
  void reset();

  /// `source`: the picture's keypoints; `source_area` their hull_area. Another picture is noticed.
  DrivenPose update(const DrivingFrame& frame, const KeypointSet& source, double source_area);

 private:
  void notice_picture(const KeypointSet& source);
  void notice_scene(const DrivingFrame& frame);
  void follow(const DrivingFrame& frame, const KeypointSet& source, double source_area, double step,
              DrivenPose& result);
  void notice_rest(const DrivingFrame& frame, double seconds);
  void notice_distrust(const FrameEvidence& evidence, double confidence, double seconds);
  double confidence_in(const DrivingFrame& frame, const KeypointSet& source) const;
  bool should_recentre(const DrivingFrame& frame, double confidence) const;
  bool should_adopt(double distance, double confidence, double seconds) const;
  bool adopt_given(const DrivingFrame& frame);
  void adopt(const DrivingFrame& frame, const KeypointSet& driving, double distance);
  KeypointSet smoothed(const DrivingFrame& frame, double seconds);
  void centre();
  KeypointSet moved_source(const KeypointSet& driving, const KeypointSet& source,
                           double source_area);
  KeypointSet transferred(const KeypointSet& driving, const KeypointSet& source,
                          double source_area);

  CalibrationSettings settings_;
  KeypointSmoother smoother_;
  MotionTransfer transfer_;
  PoseGlide glide_;
  LostFace lost_;
  KeypointSet source_;           ///< of the last frame
  KeypointSet rendered_;         ///< what the driver asked for in the last frame
  KeypointSet shown_;            ///< what was rendered for it
  Square home_{};                ///< of the first frame of a scene: smoothing happens in it
  std::array<float, 2> place_{}; ///< of the driver's head in the reference frame, from the middle
  Square crop_{}, reference_crop_{}; ///< of this frame and of the reference
  KeypointSet reference_;            ///< in its own crop; empty: none yet
  FrameEvidence reference_evidence_;
  double reference_distance_ = 0;
  double reference_seconds_ = 0, last_seconds_ = 0;
  Square resting_crop_{};   ///< the driver's crop has been here
  double rest_seconds_ = 0; ///< for so long
  double distrusted_seconds_ = 0;
  bool wants_reference_ = true; ///< the next trusted frame becomes the reference
  bool glides_ = false;         ///< and without a jump
  bool given_ = false;          ///< the reference is a still picture's
  bool given_is_new_ = false;   ///< and not in use yet
  bool started_ = false;        ///< there was a frame
};

} // namespace fomo
