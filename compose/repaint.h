// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "api/engine_api.h"
#include "model/motion/keypoints.h"
#include "model/motion/motion_field.h"

namespace fomo {

/// Holds what the generator makes up, where the occlusion map says that the person's own picture is
/// hidden, to the colours around it: hue and saturation come from what is visible of the person
/// nearby (push-pull), lightness stays the generator's within bounds of theirs. The inside of an
/// opened mouth is apart: it becomes dark and reddish. One object for each stream.
class Repaint {
 public:
  /// Changes `picture` (RGB of the model's size), which `field` with its background and occlusion
  /// map made, in place; without these maps nothing is done. `keypoints` are those it was made
  /// with.
  void operator()(const MotionField& field, const KeypointSet& keypoints, const FomoImage& picture);

 private:
  cv::Mat small_, shown_, hidden_;
};

} // namespace fomo
