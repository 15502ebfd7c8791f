// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gst/source_picture.h"

namespace fomo {

/// What the properties say. Guarded by the element's lock; frames work on a snapshot.
struct Settings {
  PictureOrigin picture;
  std::string model = "builtin";
  std::string config; // empty: from the weights
  std::string device = "auto";
  FomoPrecision precision = FOMO_PRECISION_AUTO;
  int threads = 0;
  bool align_corners = true;
  FomoCrop crop = FOMO_CROP_CENTER;
  FomoMotion motion = {1, 1, 1};
};

} // namespace fomo
