// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gst/view.h"

namespace fomo {

/// Driving frames as the engine reads parts of them: upright, with square pixels, in their own
/// format where that is one of 8 bits, so that a frame costs what is looked at.
class DriverFrame {
 public:
  /// Throws Error when the format cannot be converted.
  explicit DriverFrame(const View& view);

  /// The frame, good until the next call and as long as `frame` is mapped.
  FomoFrame of(GstVideoFrame& frame);

  /// Faces that an element upstream has marked on the frame, in the upright frame's pixels.
  std::vector<FomoBox> marked_faces(GstBuffer* buffer) const;

 private:
  const GstVideoInfo in_;
  const GstVideoOrientationMethod orientation_;
  std::optional<PixelFrame> pixels_; // where the frame's own format will not do
  std::optional<FrameConverter> converter_;
};

} // namespace fomo
