// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "gst/view.h"

namespace fomo {

/// Puts the model's picture into an output frame of any format and size, where the view says, with
/// black bars beside it if need be.
class OutputWriter {
 public:
  /// Throws Error when the format cannot be converted.
  OutputWriter(const View& view, int model_width, int model_height);

  /// Where the model is to write its picture for this frame.
  FomoImage canvas(GstVideoFrame& frame);

  /// Brings what was written on the canvas into `frame`.
  void finish(GstVideoFrame& frame);

 private:
  Rect rect_;
  bool direct_;
  std::optional<PixelFrame> model_frame_;
  std::optional<FrameConverter> converter_;
};

} // namespace fomo
