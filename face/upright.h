// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "common/geometry.h"
#include "face/face.h"

namespace fomo {

/// Reads a square, turned by its roll and scaled to upright_side x upright_side pixels, and finds
/// the faces in it. Their boxes are in the axes of the square, their landmarks in the frame.
using SquareDetector = std::function<std::vector<Face>(const Square& square)>;

/// Side of what a SquareDetector reads: the face has half of it, a size at which the detector's
/// landmarks follow the roll best.
constexpr int upright_side = 288;

/// The angle of the line from the eyes' middle to the mouth's, 0 for an upright face; radians,
/// positive clockwise. The detector underestimates it: by a third up to 45 degrees; a face that
/// lies or stands on its head looks upright to it, with a lower score.
double apparent_roll(const Face& face);

/// The face at `box` (in the axes of a face of roll `roll`) as the detector sees it when it is
/// turned upright, with its roll; its error is mostly below 5 degrees. None where the detector
/// finds no face there at any angle. Calls `detect` twice for an upright face and up to 15 times
/// for one that lies.
std::optional<Face> turned_upright(const Box& box, double roll, const SquareDetector& detect);

/// The face at `box` as the detector sees it when `roll` is taken out; none: it sees none.
std::optional<Face> seen_at_roll(const Box& box, double roll, const SquareDetector& detect);

/// A roll that is taken out: the nearest quarter turn for a face that leans by less than `least`
/// beside it. So a frame that is turned by a quarter gives what the upright one gives, and an
/// ordinary head is taken as it is.
double roll_to_remove(double roll, double least);

} // namespace fomo
