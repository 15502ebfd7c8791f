// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/geometry.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// Keypoints seen in the crop `from`, in the coordinates of the crop `to` of the same video: what a
/// camera that stood still would have seen. A crop that follows the head so loses none of its
/// shift. Jacobians scale as lengths do.
KeypointSet map_keypoints(const KeypointSet& keypoints, const Square& from, const Square& to);

/// The same for rendering: how far the crop has moved counts in full up to 0.25 of half a crop and
/// is compressed towards 0.4 beyond (and its size, in full up to a ratio of 1.4, towards 1.8), so
/// that a driver who walks across the room does not push the animated head out of its picture.
KeypointSet map_keypoints_limited(const KeypointSet& keypoints, const Square& from,
                                  const Square& to);

} // namespace fomo
