// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/motion/keypoints.h"

namespace fomo {

/// Computes a bias for the masks' logits of equation (7), which counts times `inside_face` of the
/// cell: `bias` has count + 1 elements, the background's first. The bias suppresses the motion of
/// an ear that a turning head hides. Such an ear lies inside the face's outline, and its motion
/// would move a part of the ear or of the hair onto the cheek. The bias is 0 for all other
/// keypoints, and for all keypoints of a model without `first_ear`. Returns whether any element is
/// not 0.
bool gate_ears(const KeypointSet& driving, float* bias);

/// Computes how far each cell of the dense motion lies in the face: [height][width], 1 inside the
/// outline of the face's keypoints with a margin, 0 outside. Outside of the face the motion of an
/// ear is kept, as heads turn less without it.
void inside_face(const KeypointSet& driving, int width, int height, float* inside);

/// Moves the keypoints of ears that the source picture hides under hair off the face. The detector
/// places such an ear at the edge of the cheek, and when the head turns, the ear's motion would
/// tear a disc of the cheek off; away from the face it moves hair. An ear within the face's
/// outline, on the far side of a head in three-quarter view, stays where it is. Nothing changes for
/// a model without `first_ear`.
void move_ears_off_face(KeypointSet& source);

} // namespace fomo
