// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo {

/// What the dense motion network says about one frame (section 3.2 of the paper), in host memory
/// that somebody else owns.
struct MotionField {
  int width = 0, height = 0; ///< cells
  /// Backward flow T_{S<-D}: [height][width][2], (x, y) in [-1, 1] of the source's crop.
  const float* deformation = nullptr;
  /// [height][width]: 1 visible in the source, 0 hidden; null in a model without the map.
  const float* occlusion = nullptr;
  /// Where -1 and 1 lie: at the centres of the outermost cells, or at their outer edges.
  bool align_corners = true;
  /// Of the feature map that the generator samples with the deformation; 0: the field's own size.
  int feature_width = 0, feature_height = 0;
  /// [height][width]: the background's share of the motion, 0 to 1; null where it was not asked
  /// for.
  const float* background = nullptr;
};

} // namespace fomo
