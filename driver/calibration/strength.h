// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/motion/keypoints.h"

namespace fomo {

/// Scales motion. `animated`: the picture's keypoints after motion transfer; `source`: before it.
/// Displacements are multiplied by `strength` (0: no motion, 1: unchanged, 2: twice the motion);
/// deformations of the Jacobians are raised to the power `strength`.
KeypointSet with_strength(const KeypointSet& animated, const KeypointSet& source, double strength);

/// Limits of a face's motion. Of each pair, motion up to the first value is unchanged; larger
/// motion is compressed and approaches the second value. Common motion is the similarity transform
/// that most keypoints follow.
struct MotionLimits {
  double shift = 0.35, most_shift = 0.5;    ///< length of the common shift, in half pictures
  double apart = 0.25, most_apart = 0.4;    ///< distance of a keypoint from the common motion
  double scale = 1.5, most_scale = 1.9;     ///< common scale, or its inverse
  double angle = 0.9, most_angle = 1.3;     ///< common rotation, and that of a Jacobian, radians
  double stretch = 3.0, most_stretch = 4.0; ///< singular values of a Jacobian, or their inverses
};

/// Limits motion, so that a covered or averted face is not distorted. Jacobians that are mirrored,
/// singular or not finite are replaced by the source's.
KeypointSet limit_motion(const KeypointSet& animated, const KeypointSet& source,
                         const MotionLimits& limits = {});

} // namespace fomo
