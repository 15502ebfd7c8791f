// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"
#include "driver/calibration/pose_cross_fade.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// The pose to render for a frame.
struct PoseToRender {
  KeypointSet keypoints;
  bool present = true; ///< the driver moves the picture
  bool repeat = false; ///< the output of the last frame may be shown again
};

/// Decides frame by frame whether the driver moves the picture, with hysteresis: the face is lost
/// below one confidence and regained from a higher one. Both changes are cross-faded. A pose of
/// lower confidence than a clear one is blended with the last clear pose.
class LostFace {
 public:
  /// Thresholds of the confidence.
  static constexpr double lose_below = 0.25, regain_from = 0.45, clear_from = 0.7;

  void set_policy(FomoLost policy) { policy_ = policy; }
  /// Forgets the last poses. For another picture.
  void reset();

  /// Returns the pose for a frame, `seconds` after the previous frame. `animated`: the keypoints
  /// that follow from the driver's; `source`: the picture's own keypoints.
  PoseToRender update(const KeypointSet& animated, const KeypointSet& source, double confidence,
                      double seconds);

 private:
  /// Blends `animated` with the last clear pose, according to the confidence.
  KeypointSet blended(const KeypointSet& animated, double confidence);
  PoseToRender pose_while_lost(const KeypointSet& source, double seconds);

  FomoLost policy_ = FOMO_LOST_RELAX;
  bool present_ = true;       ///< the face is not lost
  bool relaxing_ = false;     ///< the cross-fade to the picture's own pose has started
  double absent_seconds_ = 0; ///< time since the face was lost
  KeypointSet last_;          ///< the last result
  KeypointSet last_clear_;    ///< the last pose with a confidence of `clear_from` or more
  PoseCrossFade cross_fade_;
};

} // namespace fomo
