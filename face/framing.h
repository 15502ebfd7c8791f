// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/geometry.h"

namespace fomo {

/// The square around a face as VoxCeleb frames it, so that a model sees what it was trained on: the
/// face fills half of the square.
///
/// With b = sqrt(width * height) of the detector's box (hairline to chin; the mean of both sides
/// changes least when a head turns or nods), the square's side is 2 b and its centre lies 0.05 b
/// above the box's: hair needs more room than the neck. Both numbers are means over pictures framed
/// by hand (side 1.9 to 2.2 b, raised by 0.01 to 0.08 b).
///
/// The square stays inside a `width` x `height` frame where it can: it is shifted by up to 0.15 of
/// its side, then it shrinks, but not below 1.6 b. What still lies outside is padded.
///
/// `roll`: that of the face, whose box is in its own axes (Face::box). The square is turned by it.
Square face_crop(const Box& face, double roll, int width, int height);

} // namespace fomo
