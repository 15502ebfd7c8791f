// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// Controls that change nothing.
constexpr FomoFaceControls kNoFaceControls = FOMO_NO_FACE_CONTROLS;

/// Whether the controls change nothing.
bool are_neutral(const FomoFaceControls& controls);

/// Applies the controls to `animated`, the picture's keypoints after motion transfer; `source`: the
/// picture's own. The motion is split into that of the head (a turn in space, a shift and a scale,
/// fitted to the keypoints with the shape of an average head) and the rest, the expression. The
/// head's motion is multiplied by `controls.head`; the expression is multiplied by the strength of
/// its part of the face and carried along by the head. Then the offsets are added. Neutral
/// controls, and keypoints without names, give `animated` unchanged.
KeypointSet with_face_controls(const KeypointSet& animated, const KeypointSet& source,
                               const FomoFaceControls& controls);

} // namespace fomo
