// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/geometry.h"

namespace fomo {

/// A crop that follows a face steadily, with hysteresis. While the face moves a little, the crop
/// stays where it is. When the face has moved far, the crop follows like a critically damped spring
/// until the distance is small again. A limit of the distance keeps the face inside the crop at any
/// speed. The roll of the crop is that of the target.
class SteadyCrop {
 public:
  /// The next update jumps to its target.
  void reset() { crop_ = {}; }
  /// Returns the crop for the next frame. `target`: the crop that frames the face in this frame;
  /// `seconds`: the time since the last update.
  Square update(const Square& target, double seconds);
  /// Stops the crop (there is no face to follow) and returns it.
  Square hold();

 private:
  void move_towards(const Square& target, double seconds);

  Square crop_{};
  double velocity_x_ = 0, velocity_y_ = 0; ///< sides of the crop per second
  double velocity_log_size_ = 0;           ///< of the logarithm of the size, per second
  bool moving_ = false, resizing_ = false;
};

} // namespace fomo
