// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/motion/keypoints.h"

namespace fomo {

/// What to add to the logits of the local motions (`bias`, count + 1 floats, the background's
/// first) before the softmax of equation (7), times `inside_face` of the cell. The ear that a
/// turning head hides comes to lie inside the face's outline, and its motion would pull a disc of
/// ear or hair onto the cheek: there its logit is lowered until nothing is left of it. 0 for all
/// other keypoints, and for all in a model that does not say which keypoints are ears. Returns
/// whether any is not 0.
bool gate_ears(const KeypointSet& driving, float* bias);

/// How far each cell of the dense motion lies in the face: [height][width], 1 inside the outline of
/// its keypoints and a margin, 0 outside. Beside the face an ear may move what it likes: without
/// it, heads turn less.
void inside_face(const KeypointSet& driving, int width, int height, float* inside);

} // namespace fomo
