// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "gst/frame_layout.h"

namespace fomo {

/// Writes the animated picture into the rectangle of an output frame that the layout defines, in
/// the format of the output. The rest of the frame becomes black.
class OutputWriter {
 public:
  /// `width`, `height`, `channels`: of the animated picture, RGB (3) or RGBA (4). Throws Error if
  /// the format cannot be converted.
  OutputWriter(const FrameLayout& layout, int width, int height, int channels);

  /// The image that the engine has to write the picture of `frame` to.
  FomoImage canvas(GstVideoFrame& frame);

  /// Converts the canvas to `frame`, if the canvas is not a part of `frame`.
  void finish(GstVideoFrame& frame);

 private:
  GstVideoRectangle rect_;
  bool direct_; // the canvas is a part of the output frame
  std::optional<PixelFrame> picture_;
  std::optional<FrameConverter> converter_;
};

} // namespace fomo
