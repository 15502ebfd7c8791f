// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/geometry.h"

namespace fomo {

/// A crop that stays where it is while the face moves a little, follows smoothly when it moves
/// more, and never lets it out: a camera operator, not a clamp on the head. Between a small and a
/// large displacement it rests; beyond the large one it glides (a critically damped spring) until
/// the displacement is small again; beyond the limit it is dragged along at once.
class SteadyCrop {
 public:
  /// The next update jumps to its target.
  void reset() { crop_ = {}; }
  /// `target`: the crop that frames the face now; `seconds` since the last update.
  Square update(const Square& target, double seconds);
  /// Stays where it is (there is no face to follow).
  Square hold();

 private:
  void glide(const Square& target, double seconds);

  Square crop_{};
  double velocity_x_ = 0, velocity_y_ = 0; ///< in sides of the crop a second
  double velocity_log_size_ = 0;
  bool moving_ = false, resizing_ = false;
};

} // namespace fomo
