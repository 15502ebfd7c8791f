// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/motion/keypoints.h"
#include "model/motion/motion_math.h"

namespace fomo {

/// Moves the sides of a turning head as a head moves. The dense motion (equation (7)) knows patches
/// in the picture's plane: the temples follow the face around them, although a turn moves them less
/// than the nose, and the other way behind the centre of rotation. Here a rigid head is fitted to
/// the keypoints of the picture and of the driving frame (fit_head). Its surface is an ellipsoid,
/// whose points have a known place in the picture. On the face the dense motion stays, with its
/// expression; around it the motion is the ellipsoid's, corrected by the difference of the two at
/// the edge of the face. The neck, hair outside of the ellipsoid and what the mask calls background
/// keep the dense motion. Only for models whose keypoints have names. Keeps buffers.
class HeadMotion {
 public:
  /// For a dense motion of `width` x `height` cells.
  HeadMotion(int width, int height);

  /// Prepares a frame from the keypoints of the picture and those that it is rendered with. Returns
  /// whether there is anything to apply; if not, all cells have weight 0.
  bool prepare(const KeypointSet& source, const KeypointSet& driving);
  /// The cells of the last prepare(), [height][width], for backends that apply them on a device.
  const std::vector<HeadCell>& cells() const { return cells_; }

  /// Changes `deformation` [height][width][2] and `background` [height][width], the first mask, in
  /// place. Where the head's motion is taken, nothing of the background is left in the motion.
  void apply(float* deformation, float* background);

 private:
  void find_differences(const float* deformation);
  void blur();

  int width_, height_;
  std::vector<HeadCell> cells_;
  std::vector<float> sums_, lines_; ///< [height][width] of weight, x, y
};

} // namespace fomo
