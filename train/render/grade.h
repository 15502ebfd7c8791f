// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "train/render/random.h"

namespace fomo::render {

/// Effects of camera, painting and codec on a picture. Both frames of a pair have the same grade.
struct Grade {
  float exposure = 1, contrast = 1, saturation = 1, gamma = 1;
  Vec3 balance{1, 1, 1};
  float mono = 0;      ///< share of a monochrome print, 0..1
  Vec3 print{1, 1, 1}; ///< colour of the monochrome print
  float paint = 0;     ///< strength of a painting-like smoothing
  float oil = 0;       ///< share of brush strokes and canvas, 0..1
  float sketch = 0;    ///< share of a pencil drawing, 0..1
  float grain = 0;     ///< amplitude of film grain, where 1 is white
  float blur = 0;      ///< deviation of a Gaussian blur, pixels
  float sharpen = 0;   ///< strength of an unsharp mask
  float noise = 0;     ///< amplitude, where 1 is white
  int jpeg = 100;      ///< JPEG quality; 100: no compression

  static Grade sample(Random& random);

  /// Applies the grade to a 256x256 32-bit RGB picture; returns 8-bit RGB. `random` draws the
  /// noise.
  cv::Mat apply(const cv::Mat& picture, Random& random) const;
};

} // namespace fomo::render
