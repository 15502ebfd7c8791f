// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/motion/keypoints.h"
#include "model/motion/motion_field.h"
#include "pictures/picture.h"

namespace fomo {

/// A view of the dense motion masks of one frame.
struct MotionMasks {
  int motions = 0;             ///< the background, then the keypoints
  const float* data = nullptr; ///< [motions][height][width]; the masks of each cell sum to 1
};

/// One animated part of the output. Empty members are not drawn.
struct OverlayFace {
  PictureCrop place; ///< in the output, pixels; may extend beyond it
  MotionField field;
  MotionMasks masks;
  KeypointSet keypoints; ///< of the animated source, in [-1, 1] of `place`
};

struct OverlayContent {
  std::vector<OverlayFace> faces;
  ConstImage driving;            ///< the frame that the network saw, RGB
  KeypointSet driving_keypoints; ///< in [-1, 1] of `driving`
  std::string stats;             ///< lines of ASCII text
};

/// Draws onto `output` (RGB or RGBA) with opaque colours. `flags`: FOMO_OVERLAY_..., 0 for nothing.
void draw_overlay(unsigned flags, const OverlayContent& content, const FomoImage& output);

/// r, g, b.
struct OverlayColour {
  uint8_t red, green, blue;
};
/// The colour of keypoint `index` of `count`: the hues are spread over the colour circle.
OverlayColour keypoint_colour(int index, int count);

} // namespace fomo
