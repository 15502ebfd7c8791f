// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <optional>

#include <gst/video/video.h>

#include "api/engine_api.h"

namespace fomo {

/// The rectangle of a whole frame, pixels.
GstVideoRectangle whole_frame(const GstVideoInfo& info);

/// A displayed aspect ratio, width : height. {0, 0}: any, the picture fills its frame.
struct Shape {
  int width = 1, height = 1;

  bool fills_frame() const { return width <= 0 || height <= 0; }
  bool operator==(const Shape& other) const {
    return width == other.width && height == other.height;
  }
};

/// The largest centred rectangle of a frame, pixels, that has `shape` when displayed with the
/// frame's pixel aspect ratio. Its corner lies on a chroma sample, as GstVideoConverter requires.
GstVideoRectangle centered_rect(const GstVideoInfo& info, const Shape& shape);

/// Maps a video buffer for the lifetime of the object.
class MappedFrame {
 public:
  /// Throws Error if the buffer cannot be mapped, if it describes another frame than `info`, or if
  /// a plane does not lie in the mapped memory.
  MappedFrame(GstBuffer* buffer, const GstVideoInfo& info, GstMapFlags flags);
  ~MappedFrame() { gst_video_frame_unmap(&frame_); }
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;

  GstVideoFrame& frame() { return frame_; }

 private:
  GstVideoFrame frame_{};
};

/// A frame in memory that the object owns.
class PixelFrame {
 public:
  /// Throws Error (FOMO_SETTINGS, FOMO_NO_MEMORY) if there is no such frame or no memory.
  PixelFrame(GstVideoFormat format, int width, int height);
  explicit PixelFrame(const GstVideoInfo& info);
  ~PixelFrame();
  PixelFrame(const PixelFrame&) = delete;
  PixelFrame& operator=(const PixelFrame&) = delete;

  GstVideoFrame& frame() { return frame_; }
  const GstVideoInfo& info() const { return info_; }
  /// A view of the pixels of an RGB or RGBA frame, valid during the lifetime of this object.
  FomoImage image();

 private:
  GstVideoInfo info_;
  GstBuffer* buffer_;
  GstVideoFrame frame_;
};

/// A view of the rectangle `rect` of a mapped RGB or RGBA frame.
FomoImage pixel_view(GstVideoFrame& frame, const GstVideoRectangle& rect);

/// Crops, scales and converts a rectangle of one frame to a rectangle of another, with their
/// colorimetry. The rest of the destination becomes black. YUV that shrinks is scaled before it is
/// converted.
class FrameConverter {
 public:
  /// Throws Error if one format cannot be converted to the other.
  FrameConverter(const GstVideoInfo& in, const GstVideoRectangle& from, const GstVideoInfo& out,
                 const GstVideoRectangle& to);

  void convert(GstVideoFrame& in, GstVideoFrame& out);

 private:
  struct Free {
    void operator()(GstVideoConverter* converter) const { gst_video_converter_free(converter); }
  };
  using Converter = std::unique_ptr<GstVideoConverter, Free>;

  static Converter make(const GstVideoInfo& in, const GstVideoRectangle& from,
                        const GstVideoInfo& out, const GstVideoRectangle& to);

  std::optional<PixelFrame> scaled_; // the scaled input, if scaling is a step of its own
  Converter scaler_, converter_;
};

} // namespace fomo
