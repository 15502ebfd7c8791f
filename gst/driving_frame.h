// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gst/frame_layout.h"

namespace fomo {

/// Describes driving frames to the engine. The engine reads 8-bit formats with square pixels as
/// they are; other frames are converted to RGB, and no more of them than the model can see.
class DrivingFrame {
 public:
  /// Throws Error when the format cannot be converted.
  DrivingFrame(const FrameLayout& layout, const FomoModelInfo& model);

  /// The frame, valid until the next call and as long as `frame` is mapped.
  FomoFrame describe(GstVideoFrame& frame);

  /// Faces that an element upstream has marked on the buffer, in the described frame's pixels.
  std::vector<FomoBox> marked_faces(GstBuffer* buffer) const;

  /// A part of the described frame as a part of the whole buffer.
  FomoFootprint in_buffer(const FomoFootprint& footprint) const;

 private:
  GstVideoInfo in_;
  FomoOrientation orientation_;
  GstVideoRectangle part_; // of the buffer, that is described
  std::optional<PixelFrame> pixels_;
  std::optional<FrameConverter> converter_;
};

} // namespace fomo
