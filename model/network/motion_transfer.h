// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"
#include "model/network/keypoint_detector.h"

namespace fomo {

/// Keypoints of the animated source (section 3.4 of the paper, "relative motion transfer"; FOMM's
/// normalize_kp). Absolute: the driving keypoints. Relative: the driving frame's movement since the
/// reference, scaled by `scale`, applied to the source's own keypoints; with relative Jacobians
/// also J = J_driving J_reference^-1 J_source.
Keypoints transfer_motion(const Keypoints& source, const Keypoints& driving,
                          const Keypoints& reference, const FomoMotion& motion, double scale);

} // namespace fomo
