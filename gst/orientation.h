// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include "api/engine_api.h"

namespace fomo {

/// A place in a frame, as fractions of its width and height.
struct Place {
  double x = 0, y = 0;
};

/// Where a place of the upright frame lies in the frame as it is stored, when displaying the stored
/// frame takes `method` (90R: a quarter turn clockwise, and so on).
Place stored_place(GstVideoOrientationMethod method, Place upright);

/// The other way round: where a place of the stored frame lies in the upright one.
Place upright_place(GstVideoOrientationMethod method, Place stored);

/// Whether width and height trade places.
bool swaps_sides(GstVideoOrientationMethod method);

/// Copies RGB pixels so that they stand upright. `upright` has the size of `stored`, sides swapped
/// where the method does so.
void turn_upright(GstVideoOrientationMethod method, const FomoImage& stored,
                  const FomoImage& upright);

} // namespace fomo
