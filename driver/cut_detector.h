// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "driver/frame_reader.h"

namespace fomo {

/// Detects scene cuts by the correlation of consecutive frames, scaled down to 32 x 18 grey pixels.
/// The correlation stays high when people or the camera move, and when the light changes. Black
/// bars at the borders of both frames do not count.
class CutDetector {
 public:
  /// Takes the next frame. Returns true at a cut; false for a frame that cannot be read.
  bool update(const FrameReader& frame);
  /// Forgets the previous frame.
  void reset() { last_.clear(); }

 private:
  std::vector<uint8_t> last_;
};

} // namespace fomo
