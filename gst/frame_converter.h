// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <optional>

#include <gst/video/video.h>

#include "api/engine_api.h"

namespace fomo {

/// The whole of a frame.
GstVideoRectangle whole_frame(const GstVideoInfo& info);

/// Width to height where something is displayed; {0, 0}: whatever fills its frame.
struct Shape {
  int width = 1, height = 1;

  bool fills() const { return width <= 0 || height <= 0; }
  bool operator==(const Shape& other) const {
    return width == other.width && height == other.height;
  }
};

/// The largest centred rectangle of a frame that has `shape` where the frame is displayed (pixel
/// aspect ratio heeded). Its corner lies on a chroma sample, as GstVideoConverter wants it.
GstVideoRectangle centered_rect(const GstVideoInfo& info, const Shape& shape);

/// A mapped frame, unmapped with the object. Throws Error when it cannot be mapped or is not of the
/// size that `info` says.
class MappedFrame {
 public:
  MappedFrame(GstBuffer* buffer, const GstVideoInfo& info, GstMapFlags flags);
  ~MappedFrame() { gst_video_frame_unmap(&frame_); }
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;

  GstVideoFrame& frame() { return frame_; }

 private:
  GstVideoFrame frame_;
};

/// A frame of our own.
class PixelFrame {
 public:
  PixelFrame(GstVideoFormat format, int width, int height);
  explicit PixelFrame(const GstVideoInfo& info);
  ~PixelFrame();
  PixelFrame(const PixelFrame&) = delete;
  PixelFrame& operator=(const PixelFrame&) = delete;

  GstVideoFrame& frame() { return frame_; }
  const GstVideoInfo& info() const { return info_; }
  /// The pixels of an interleaved RGB or RGBA frame, which live as long as this object.
  FomoImage image();

 private:
  GstVideoInfo info_;
  GstBuffer* buffer_;
  GstVideoFrame frame_;
};

/// The part `rect` of a mapped RGB or RGBA frame, in place.
FomoImage pixel_view(GstVideoFrame& frame, const GstVideoRectangle& rect);

/// Cuts, scales and converts one rectangle of a frame into one rectangle of another, with
/// colorimetry heeded; the rest of the destination becomes black. Where that leaves fewer pixels to
/// convert, YUV is scaled first.
class FrameConverter {
 public:
  /// Throws Error when the two formats cannot be converted.
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

  std::optional<PixelFrame> scaled_; // in the format of what comes in, if that is scaled first
  Converter scaler_, converter_;
};

} // namespace fomo
