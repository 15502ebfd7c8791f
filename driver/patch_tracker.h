// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <vector>

#include "driver/frame_reader.h"

namespace fomo {

/// Follows the patch that a face's box covers from frame to frame by normalised cross-correlation:
/// its place, not its size. Insensitive to light; meant for the few frames between detections.
class PatchTracker {
 public:
  struct Match {
    Box box{};        ///< where the patch is now
    double score = 0; ///< correlation, -1 to 1
  };

  /// Remembers what `box` shows in the current frame. False when it is flat or cannot be read.
  bool start(const FrameReader& frame, const Box& box);
  /// Looks for it up to two thirds of its size around `expected`.
  Match follow(const FrameReader& frame, const Box& expected) const;

 private:
  std::vector<float> patch_; ///< mean 0, length 1; empty: none
};

} // namespace fomo
