// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <vector>

#include "driver/frame_reader.h"

namespace fomo {

/// Follows the position of an image patch from frame to frame by normalised cross-correlation. The
/// size of the patch does not change. Insensitive to changes of light; meant for the few frames
/// between two face detections.
class PatchTracker {
 public:
  /// Where the patch was found.
  struct Match {
    Box box{};        ///< position, pixels of the upright frame
    double score = 0; ///< correlation, -1 to 1; 0 if there is no patch
  };

  /// Stores the content of `box` in the current frame as the patch. Returns false if the content is
  /// uniform or cannot be read.
  bool start(const FrameReader& frame, const Box& box);
  /// Finds the patch at most two thirds of its side away from `expected`.
  Match follow(const FrameReader& frame, const Box& expected) const;

 private:
  std::vector<float> patch_; ///< mean 0, Euclidean norm 1; empty: no patch
};

} // namespace fomo
