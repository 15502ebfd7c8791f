// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "common/geometry.h"
#include "driver/calibration/confidence.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// The keypoints of one driving frame, and what is known about the frame.
struct DrivingFrame {
  KeypointSet keypoints; ///< in the coordinates of the crop
  Square crop{};         ///< pixels of the upright frame; empty: the crop is fixed
  FrameEvidence evidence;
  double seconds = 0;     ///< stream time
  bool new_scene = false; ///< a cut, or a face was found or has returned
};

/// What one driving frame says about the driver's motion: all that the picture's side needs, and
/// nothing of the driver's looks.
struct MotionFrame {
  DrivingFrame seen;  ///< no keypoints: no face was found yet
  bool guard = false; ///< the limits of a face's motion and the rules of a lost face apply
  FomoFaceState face = FOMO_FACE_SEARCHING; ///< SEARCHING if no face is followed
  FomoFaceEvent event = FOMO_FACE_UNCHANGED;
  uint64_t id = 0; ///< another one for each frame of this process; 0: none
};

} // namespace fomo
