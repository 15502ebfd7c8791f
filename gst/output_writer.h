// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "gst/frame_layout.h"

namespace fomo {

/// Puts the animated picture into an output frame of any format and size, where the layout says,
/// with black bars beside it if need be.
class OutputWriter {
 public:
  /// For pictures of `width` x `height`, RGB or (`channels` 4) RGBA. Throws Error when the format
  /// cannot be converted.
  OutputWriter(const FrameLayout& layout, int width, int height, int channels);

  /// Where the engine is to write the picture of this frame.
  FomoImage canvas(GstVideoFrame& frame);

  /// Brings what was written on the canvas into `frame`.
  void finish(GstVideoFrame& frame);

 private:
  GstVideoRectangle rect_;
  bool direct_;
  std::optional<PixelFrame> picture_;
  std::optional<FrameConverter> converter_;
};

} // namespace fomo
