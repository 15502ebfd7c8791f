// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <vector>

#include "driver/frame_view.h"

namespace fomo {

/// Follows the patch that a face's box covers from frame to frame by normalised cross-correlation:
/// its place, not its size. Insensitive to light; meant for the few frames between detections.
class PatchTracker {
 public:
  struct Match {
    FaceBox box;      ///< where the patch is now
    double score = 0; ///< correlation, -1 to 1
  };

  /// Remembers what `box` shows in the current frame. False when it is flat or cannot be read.
  bool start(const RegionReader& reader, int width, int height, const FaceBox& box);
  /// Looks for it up to two thirds of its size around `expected`.
  Match follow(const RegionReader& reader, int width, int height, const FaceBox& expected) const;

 private:
  std::vector<float> patch_; ///< mean 0, length 1; empty: none
};

/// Reads `region`, which may reach beyond the frame, by repeating the frame's border: what lies
/// inside is asked of the reader. False when it lies outside altogether or cannot be read.
bool read_padded(const RegionReader& reader, int width, int height, const FaceBox& region,
                 const FomoImage& out);

} // namespace fomo
