// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include "gst/frame_layout.h"
#include "gst/settings.h"

namespace fomo {

/// Describes driving frames to the engine. The engine itself reads 8-bit formats with square
/// pixels. Of other frames, the part that the model can see is converted to RGB first.
class DrivingFrame {
 public:
  /// Throws Error when the format cannot be converted.
  DrivingFrame(const FrameLayout& layout, const FomoModelInfo& model);

  /// Converts the frame if necessary and describes it. The result is valid until the next call and
  /// while `frame` is mapped.
  FomoFrame describe(GstVideoFrame& frame);

  /// Faces that an element upstream has marked on the buffer (GstVideoRegionOfInterestMeta with
  /// "face" in its type), in pixels of the described frame.
  std::vector<FomoBox> marked_faces(GstBuffer* buffer) const;

  /// All that the engine is told of a frame, with the crop `crop` and the settings, at `seconds` of
  /// stream time. The result is valid until the next call and while `frame` is mapped.
  FomoDriving driving(GstVideoFrame& frame, FomoCrop crop, const FrameSettings& settings,
                      double seconds);

  /// Converts a footprint in the described frame to one in the whole buffer.
  FomoFootprint in_buffer(const FomoFootprint& footprint) const;

 private:
  GstVideoInfo in_;
  FomoOrientation orientation_;
  GstVideoRectangle part_; // the described part of the buffer
  std::optional<PixelFrame> pixels_;
  std::optional<FrameConverter> converter_;
  std::vector<FomoBox> faces_; // of the last frame
};

} // namespace fomo
