// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "driver/calibration/face_controls.h"
#include "driver/calibration/keypoint_smoother.h"
#include "driver/calibration/lost_face.h"
#include "driver/calibration/motion_frame.h"
#include "driver/calibration/pose_cross_fade.h"
#include "driver/calibration/strength.h"
#include "model/motion/motion_transfer.h"

namespace fomo {

/// How the driver's motion becomes the picture's. May change with every frame.
struct CalibrationSettings : FomoCalibration {
  CalibrationSettings()
      : FomoCalibration{{1, 1, 1},
                        FOMO_REFERENCE_AUTO,
                        FOMO_LOST_RELAX,
                        1,
                        KeypointSmoother::default_amount,
                        kNoFaceControls} {}
  CalibrationSettings(const FomoCalibration& calibration, bool guards)
      : FomoCalibration(calibration), guard(guards) {}

  bool guard = true; ///< limit the motion to MotionLimits, and apply `on_lost`
};

/// The result for one driving frame.
struct DrivenPose {
  PoseToRender pose;
  double confidence = 1;         ///< in the driving frame, 0 to 1
  bool reference_set = false;    ///< this frame became the reference
  double reference_distance = 0; ///< pose_distance of the reference and the picture
};

/// Turns the keypoints of driving frames into those that the picture is rendered with. Per frame
/// the keypoints are smoothed, mapped to the reference's crop, transferred (MotionTransfer), scaled
/// by `strength`, limited (MotionLimits) and, while the face is lost, replaced (LostFace). Changes
/// of the reference are cross-faded. The face controls apply last, also to a picture at rest.
class DriverMotion {
 public:
  void set(const CalibrationSettings& settings);
  /// The next trusted frame becomes the reference, without a cross-fade.
  void reset_reference();
  /// Like reset_reference, but does nothing after set_reference.
  void renew_reference();
  /// Makes the keypoints of a still picture the reference until reset_reference. The motion of the
  /// crop is relative to the crop of the next frame.
  void set_reference(const KeypointSet& reference);
  /// Prepares for another video, or for a seek: forgets everything but a pose of set_reference.
  void reset();

  /// Processes the next driving frame. `source`: the picture's keypoints, `source_area`: their
  /// hull_area; another picture is recognised by its keypoints.
  DrivenPose update(const DrivingFrame& frame, const KeypointSet& source, double source_area);
  /// The picture's keypoints while no driver moves it: its own, with the face controls' offsets.
  KeypointSet at_rest(const KeypointSet& source) const { return controlled(source, source); }

 private:
  void request_reference(bool cross_fade);
  void detect_new_picture(const KeypointSet& source);
  void detect_new_scene(const DrivingFrame& frame);
  void follow(const DrivingFrame& frame, const KeypointSet& source, double source_area, double step,
              DrivenPose& result);
  void measure_rest(const DrivingFrame& frame, double seconds);
  /// Requests a new reference if the frames after the current one have not been trusted for long.
  void measure_distrust(const FrameEvidence& evidence, double confidence, double seconds);
  double confidence_in(const DrivingFrame& frame, const KeypointSet& source) const;
  bool should_recentre(const DrivingFrame& frame, double confidence) const;
  bool should_replace_reference(double distance, double confidence, double seconds) const;
  bool use_still_reference(const DrivingFrame& frame);
  void replace_reference(const DrivingFrame& frame, const KeypointSet& driving, double distance);
  KeypointSet smoothed(const DrivingFrame& frame, double seconds);
  /// From now on the motion of the crop is relative to the crop of this frame.
  void recentre();
  /// The source's keypoints after motion transfer.
  KeypointSet moved_source(const KeypointSet& driving, const KeypointSet& source,
                           double source_area);
  /// `animated` with the face controls.
  KeypointSet controlled(const KeypointSet& animated, const KeypointSet& source) const;
  /// The source's keypoints after motion transfer, strength and limits.
  KeypointSet transferred(const KeypointSet& driving, const KeypointSet& source,
                          double source_area);

  CalibrationSettings settings_;
  KeypointSmoother smoother_;
  MotionTransfer transfer_;
  PoseCrossFade cross_fade_;
  LostFace lost_face_;
  KeypointSet source_;                 ///< the picture's keypoints in the last frame
  KeypointSet driven_;                 ///< keypoints before `lost_face_`; empty: no reference yet
  KeypointSet rendered_;               ///< keypoints after `lost_face_`, before the face controls
  Square scene_crop_{};                ///< crop of the first frame of the scene, used for smoothing
  std::array<float, 2> head_offset_{}; ///< added to all keypoints after motion transfer
  Square crop_{};                      ///< crop of this frame
  Square reference_crop_{};            ///< the motion of the crop is relative to this crop
  KeypointSet reference_;              ///< in the coordinates of its own crop; empty: none yet
  FrameEvidence reference_evidence_;
  double reference_distance_ = 0; ///< pose_distance of the reference and the picture
  double reference_seconds_ = 0;  ///< stream time of the reference
  double last_seconds_ = 0;       ///< stream time of the last frame
  Square resting_crop_{};         ///< crop since which the crop has not moved
  double rest_seconds_ = 0;       ///< time since the crop last moved
  double distrusted_seconds_ = 0; ///< time since the last trusted frame, while the face is tracked
  bool reference_requested_ = true;     ///< the next trusted frame becomes the reference
  bool request_cross_fades_ = false;    ///< the requested reference is introduced by a cross-fade
  bool still_reference_ = false;        ///< the reference was set by set_reference
  bool still_reference_is_new_ = false; ///< the pose of set_reference is not in use yet
  bool started_ = false;                ///< at least one frame was processed
};

} // namespace fomo
