// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/motion/keypoints.h"
#include "model/motion/motion_math.h"

namespace fomo {

/// Computes the local motion around every keypoint by equations (4) and (5): T_{S<-D}(z) =
/// T_{S<-R}(p_k) + J_k (z - T_{D<-R}(p_k)), with J_k = J_source J_driving^-1 (the identity in a
/// zero-order model). `motions` has source.count + 1 elements; the first one is the identity.
void local_motions(const KeypointSet& source, const KeypointSet& driving, LocalMotion* motions);

} // namespace fomo
