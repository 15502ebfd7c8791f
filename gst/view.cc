// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/view.h"

#include <utility>

namespace fomo {

Place View::driving_place(Place output) const {
  const Rect from = output_rect();
  const Place seen = {(output.x - from.x) / from.width, (output.y - from.y) / from.height};
  if (square.size > 0) {
    int width = in.width, height = in.height;
    if (swaps_sides(orientation))
      std::swap(width, height);
    const Place upright = {(square.cx + (seen.x - 0.5) * square.size) / width,
                           (square.cy + (seen.y - 0.5) * square.size) / height};
    const Place stored = stored_place(orientation, upright);
    return {stored.x * in.width, stored.y * in.height};
  }
  const Rect to = driving_rect();
  const Place stored = stored_place(orientation, seen);
  return {to.x + stored.x * to.width, to.y + stored.y * to.height};
}

} // namespace fomo
