// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/motion/keypoints.h"

namespace fomo {

/// What to add to the logit of each local motion, the background's first (`bias` has room for
/// count + 1 floats), before the softmax of equation (7). The ear that a turning head hides comes
/// to lie inside the face's outline, and its motion would pull a disc of ear or hair onto the
/// cheek: there its logit is lowered until nothing is left of it. 0 for all other keypoints, and
/// for all in a model that does not say which keypoints are ears. Returns whether any is not 0.
bool gate_ears(const KeypointSet& driving, float* bias);

} // namespace fomo
