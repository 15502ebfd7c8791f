// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "train/render/random.h"

namespace fomo::render {

/// What camera, painter and codec do to a picture; the same for both frames of a pair.
struct Grade {
  float exposure = 1, contrast = 1, saturation = 1, gamma = 1;
  Vec3 balance{1, 1, 1};
  float mono = 0; ///< share of a one-colour print
  Vec3 print{1, 1, 1};
  float paint = 0;   ///< strength of a painting-like smoothing
  float blur = 0;    ///< pixels
  float sharpen = 0; ///< unsharp mask
  float noise = 0;   ///< of 1
  int jpeg = 100;    ///< quality; 100: none

  static Grade sample(Random& random);

  /// 256x256 32-bit RGB to 8-bit RGB. `random` draws the noise.
  cv::Mat apply(const cv::Mat& picture, Random& random) const;
};

} // namespace fomo::render
