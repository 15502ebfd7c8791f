// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"

namespace fomo {

/// Draws the letters AI, white on a dark translucent plate, into a corner of an RGB or RGBA frame.
/// `size`: height of the letters as a fraction of the frame's shorter side. They have at least 14
/// pixels and are never larger than the frame allows. Under the plate the frame becomes opaque.
void draw_visible_mark(const FomoImage& frame, double size, FomoCorner corner);

} // namespace fomo
