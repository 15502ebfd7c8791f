// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo {

/// A view of the dense motion of one frame (section 3.2 of the paper) in host memory. Does not own
/// the memory.
struct MotionField {
  int width = 0, height = 0; ///< cells
  /// Backward flow T_{S<-D}: [height][width][2], (x, y) in [-1, 1] of the source's crop.
  const float* deformation = nullptr;
  /// [height][width]: 1 visible in the source, 0 hidden; null in a model without the map.
  const float* occlusion = nullptr;
  /// Whether -1 and 1 are the centres of the outermost cells (true) or their outer edges (false).
  bool align_corners = true;
  /// Size of the feature map that the generator warps by the deformation; 0: the size of this
  /// field.
  int feature_width = 0, feature_height = 0;
  /// [height][width]: the mask of the background, 0 to 1; null if it was not requested.
  const float* background = nullptr;
};

} // namespace fomo
