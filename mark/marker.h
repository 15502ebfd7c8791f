// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "mark/pixel_mark.h"
#include "mark/visible_mark.h"

namespace fomo {

/// Marks the frames of one stream as synthetic: the letters, if they are wanted, then the pixel
/// mark.
class Marker {
 public:
  void operator()(const FomoImage& frame, const FomoMark& mark, const MarkPayload& payload) {
    if (mark.letters > 0)
      draw_visible_mark(frame, mark.letters, mark.corner);
    if (mark.imperceptible)
      pixels_(frame, payload);
  }

 private:
  PixelMark pixels_;
};

} // namespace fomo
