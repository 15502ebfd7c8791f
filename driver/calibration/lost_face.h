// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"
#include "driver/calibration/pose_glide.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// What to render for a frame.
struct PoseToRender {
  KeypointSet keypoints;
  bool present = true; ///< the driver moves the picture
  bool repeat = false; ///< the last frame may be shown again as it is
};

/// Decides frame by frame whether the driver moves the picture, and glides where that changes. The
/// face is given up below one confidence and taken back above a higher one; in between, and until
/// it is clear again, the pose is held back towards the last one that was clear.
class LostFace {
 public:
  static constexpr double gives_up = 0.25, takes_back = 0.45, clear = 0.7;

  void set_policy(FomoLost policy) { policy_ = policy; }
  /// Forgets the last pose (another picture).
  void reset();

  /// `animated`: the keypoints that the driver asks for; `source`: the picture's, at rest.
  PoseToRender update(const KeypointSet& animated, const KeypointSet& source, double confidence,
                      double seconds);

 private:
  KeypointSet held_back(const KeypointSet& animated, double confidence);
  PoseToRender absent(const KeypointSet& source, double seconds);

  FomoLost policy_ = FOMO_LOST_RELAX;
  bool present_ = true, relaxing_ = false;
  double absent_seconds_ = 0;
  KeypointSet last_;  ///< rendered
  KeypointSet clear_; ///< the last one that was clear; what is held
  PoseGlide glide_;
};

} // namespace fomo
