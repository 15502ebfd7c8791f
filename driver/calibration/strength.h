// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/motion/keypoints.h"

namespace fomo {

/// Exaggerates or calms motion: `animated` is the picture's keypoints after motion, `source`
/// before. Displacements are multiplied by `strength` (0: the picture at rest, 1: as it is, 2:
/// twice as much), Jacobians deformed to the power of it.
KeypointSet with_strength(const KeypointSet& animated, const KeypointSet& source, double strength);

/// How far motion may go before it is compressed, and where it ends; no face moves so far.
struct MotionLimits {
  double shift = 0.35, most_shift = 0.5; ///< of all keypoints together, in half pictures
  double apart = 0.25, most_apart = 0.4; ///< of one keypoint from where the others' motion takes it
  double scale = 1.5, most_scale = 1.9;  ///< factor that all grow or shrink by together
  double angle = 0.9, most_angle = 1.3;  ///< radians that all, or one's surroundings, turn
  double stretch = 3.0, most_stretch = 4.0; ///< factor that one's surroundings grow or shrink by
};

/// Keeps a covered or turned-away face from being torn: what lies within the limits is unchanged,
/// what lies beyond is softly compressed, and Jacobians that are mirrored, flat or not finite
/// become the source's.
KeypointSet limit_motion(const KeypointSet& animated, const KeypointSet& source,
                         const MotionLimits& limits = {});

} // namespace fomo
