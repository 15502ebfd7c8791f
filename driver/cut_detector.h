// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "driver/frame_reader.h"

namespace fomo {

/// Tells a scene cut from motion by the correlation of consecutive tiny grey frames: it stays high
/// when people or the camera move, and when the light changes.
class CutDetector {
 public:
  /// Looks at the next frame; true when it does not continue the one before. A frame that cannot be
  /// read is no cut.
  bool update(const FrameReader& frame);
  void reset() { last_.clear(); }

 private:
  std::vector<uint8_t> last_;
};

} // namespace fomo
