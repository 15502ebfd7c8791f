// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/geometry.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// Converts keypoints from the coordinates of the crop `from` to those of the crop `to` of the same
/// video. In the coordinates of one fixed crop, keypoints include the motion of a crop that follows
/// the head. Jacobians are turned by the difference of the crops' rolls and multiplied by
/// the ratio of their sizes. An empty crop: no change.
KeypointSet map_keypoints(const KeypointSet& keypoints, const Square& from, const Square& to);

/// Like map_keypoints, with a limited motion of the crop, so that a driver who walks across the
/// room does not move the animated head out of the picture. A shift above 0.25 (in half crops) is
/// compressed to less than 0.4; a ratio of sizes above 1.4 is compressed to less than 1.8; a turn
/// above 25 degrees is compressed to less than 40.
KeypointSet map_keypoints_limited(const KeypointSet& keypoints, const Square& from,
                                  const Square& to);

} // namespace fomo
