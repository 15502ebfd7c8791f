// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"
#include "model/network/keypoint_detector.h"

namespace fomo {

/// Returns the keypoints of the animated source (section 3.4 of the paper, "relative motion
/// transfer"; FOMM's normalize_kp). Absolute motion returns the driving keypoints. Relative motion
/// adds the movement since the reference to the source's keypoints; with `adapt_scale` the movement
/// is multiplied by `scale`; with `relative_jacobian` J = J_driving J_reference^-1 J_source, else
/// J = J_driving.
Keypoints transfer_motion(const Keypoints& source, const Keypoints& driving,
                          const Keypoints& reference, const FomoMotion& motion, double scale);

} // namespace fomo
