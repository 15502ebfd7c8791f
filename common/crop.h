// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo {

/// A square of a frame or picture, in its pixels (pixel i covers [i, i + 1)). It may reach beyond
/// the border; what lies there is made up of the border's pixels. size 0: no crop.
struct Crop {
  double cx = 0, cy = 0; ///< the centre
  double size = 0;       ///< length of a side

  bool empty() const { return !(size > 0); }
  double left() const { return cx - size / 2; }
  double top() const { return cy - size / 2; }
};

} // namespace fomo
