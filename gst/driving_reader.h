// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "gst/view.h"

namespace fomo {

/// Makes the model's picture of a driving frame: the part that the view selects, upright, RGB, of
/// the model's size.
class DrivingReader {
 public:
  /// Throws Error when the format cannot be converted.
  DrivingReader(const View& view, int model_width, int model_height);

  /// The model's picture, good until the next call and as long as `frame` is mapped. Where nothing
  /// has to be converted it is the frame itself.
  FomoImage read(GstVideoFrame& frame);

 private:
  Rect rect_;
  GstVideoOrientationMethod orientation_;
  bool direct_;
  std::optional<PixelFrame> stored_;  // converted, not yet turned
  std::optional<PixelFrame> upright_; // only where there is something to turn
  std::optional<FrameConverter> converter_;
};

} // namespace fomo
