// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/motion/keypoints.h"
#include "model/motion/motion_field.h"
#include "pictures/picture.h"

namespace fomo {

/// The dense motion's masks of one frame in somebody else's host memory.
struct MotionMasks {
  int motions = 0;             ///< the keypoints' and, first, the background's
  const float* data = nullptr; ///< [motions][height][width] of the field's cells, summing to 1
};

/// One animated part of the output. What is not known is left empty and not drawn.
struct OverlayFace {
  cv::Rect place; ///< in the output, pixels; may leave it
  MotionField field;
  MotionMasks masks;
  KeypointSet keypoints; ///< of the animated source, in [-1, 1] of `place`
};

struct OverlayContent {
  std::vector<OverlayFace> faces;
  ConstImage driving;            ///< what the network saw of the driver, RGB
  KeypointSet driving_keypoints; ///< in [-1, 1] of `driving`
  std::string stats;             ///< lines of ASCII text
};

/// Draws onto `output` (RGB or RGBA; what is drawn is opaque). `flags`: FOMO_OVERLAY_..., 0:
/// nothing.
void draw_overlay(unsigned flags, const OverlayContent& content, const FomoImage& output);

/// The colour of keypoint `index` of `count`, r, g, b: once around the colour circle.
struct OverlayColour {
  uint8_t red, green, blue;
};
OverlayColour keypoint_colour(int index, int count);

} // namespace fomo
