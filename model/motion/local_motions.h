// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/motion/keypoints.h"
#include "model/motion/motion_math.h"

namespace fomo {

/// Equations (4) and (5): T_{S<-D}(z) = T_{S<-R}(p_k) + J_k (z - T_{D<-R}(p_k)) around every
/// keypoint, with J_k = J_source J_driving^-1 (the identity in a zero-order model). Fills
/// source.count + 1 motions, the identity first.
void local_motions(const KeypointSet& source, const KeypointSet& driving, LocalMotion* motions);

} // namespace fomo
