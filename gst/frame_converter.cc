// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/frame_converter.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/error.h"
#include "gst/plane_check.h"

namespace fomo {

namespace {

constexpr guint32 kOpaqueBlack = 0xff000000;

/// The offset that centres `part` in `whole`, rounded down to a chroma sample.
int centered_offset(int whole, int part, int chroma_shift) {
  const int offset = (whole - part) / 2;
  return offset - offset % (1 << chroma_shift);
}

int chroma_shift(const guint (&shifts)[GST_VIDEO_MAX_COMPONENTS], guint components) {
  return static_cast<int>(*std::max_element(shifts, shifts + components));
}

GstVideoInfo info_of(GstVideoFormat format, int width, int height) {
  GstVideoInfo info;
  gst_video_info_init(&info);
  if (!gst_video_info_set_format(&info, format, width, height))
    throw Error(FOMO_SETTINGS, "No frame of " + std::to_string(width) + "x" +
                                   std::to_string(height) + " pixels can be made.");
  return info;
}

/// The format and colorimetry of `like` with another size.
GstVideoInfo resized(const GstVideoInfo& like, int width, int height) {
  GstVideoInfo info = info_of(GST_VIDEO_INFO_FORMAT(&like), width, height);
  info.colorimetry = like.colorimetry;
  info.chroma_site = like.chroma_site;
  return info;
}

} // namespace

GstVideoRectangle whole_frame(const GstVideoInfo& info) { return {0, 0, info.width, info.height}; }

GstVideoRectangle centered_rect(const GstVideoInfo& info, const Shape& shape) {
  GstVideoRectangle rect = whole_frame(info);
  if (shape.fills_frame())
    return rect;
  // Width in pixels divided by height in pixels.
  const double ratio =
      static_cast<double>(shape.width) / shape.height * info.par_d / std::max(1, info.par_n);
  // Of the shape but for sides rounded to whole pixels: there is no border to leave.
  if (std::abs(info.height * ratio - info.width) < 0.5 ||
      std::abs(info.width / ratio - info.height) < 0.5)
    return rect;
  if (info.width > info.height * ratio)
    rect.w = std::clamp(static_cast<int>(std::lround(info.height * ratio)), 1, info.width);
  else
    rect.h = std::clamp(static_cast<int>(std::lround(info.width / ratio)), 1, info.height);

  const GstVideoFormatInfo& format = *info.finfo;
  rect.x = centered_offset(info.width, rect.w, chroma_shift(format.w_sub, format.n_components));
  rect.y = centered_offset(info.height, rect.h, chroma_shift(format.h_sub, format.n_components));
  return rect;
}

MappedFrame::MappedFrame(GstBuffer* buffer, const GstVideoInfo& info, GstMapFlags flags) {
  check_video_meta(buffer, info);
  // gst_video_frame_map() does not write to its info argument.
  if (!gst_video_frame_map(&frame_, const_cast<GstVideoInfo*>(&info), buffer, flags))
    throw Error(FOMO_FAILED, "A video buffer cannot be mapped: it is smaller than its caps "
                             "say, or not in system memory.");
  try {
    check_planes(frame_);
  } catch (...) {
    gst_video_frame_unmap(&frame_);
    throw;
  }
}

PixelFrame::PixelFrame(GstVideoFormat format, int width, int height)
    : PixelFrame(info_of(format, width, height)) {}

PixelFrame::PixelFrame(const GstVideoInfo& info) : info_(info) {
  buffer_ = gst_buffer_new_allocate(nullptr, info_.size, nullptr);
  if (!buffer_)
    throw Error(FOMO_NO_MEMORY, "No memory is left for a frame. Use a smaller size.");
  if (!gst_video_frame_map(&frame_, &info_, buffer_, GST_MAP_READWRITE)) {
    gst_buffer_unref(buffer_);
    throw Error(FOMO_NO_MEMORY, "A frame's memory cannot be mapped.");
  }
}

PixelFrame::~PixelFrame() {
  gst_video_frame_unmap(&frame_);
  gst_buffer_unref(buffer_);
}

FomoImage PixelFrame::image() { return pixel_view(frame_, whole_frame(info_)); }

FomoImage pixel_view(GstVideoFrame& frame, const GstVideoRectangle& rect) {
  FomoImage image{};
  image.channels = GST_VIDEO_INFO_N_COMPONENTS(&frame.info);
  image.stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0);
  image.data = static_cast<uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0)) +
               rect.y * image.stride + ptrdiff_t{rect.x} * image.channels;
  image.width = rect.w;
  image.height = rect.h;
  return image;
}

FrameConverter::FrameConverter(const GstVideoInfo& in, const GstVideoRectangle& from,
                               const GstVideoInfo& out, const GstVideoRectangle& to) {
  // GstVideoConverter scales 8-bit planes directly if the format stays the same. Scaling first and
  // converting the smaller frame is several times as fast as one step of scaling and converting.
  const bool bytes = GST_VIDEO_INFO_IS_YUV(&in) && GST_VIDEO_INFO_COMP_DEPTH(&in, 0) == 8;
  const bool same_format = GST_VIDEO_INFO_FORMAT(&in) == GST_VIDEO_INFO_FORMAT(&out);
  const bool shrinks =
      to.w <= from.w && to.h <= from.h && 2.0 * to.w * to.h <= 1.0 * from.w * from.h;
  if (!bytes || same_format || !shrinks) {
    converter_ = make(in, from, out, to);
    return;
  }
  scaled_.emplace(resized(in, to.w, to.h));
  const GstVideoRectangle whole = whole_frame(scaled_->info());
  scaler_ = make(in, from, scaled_->info(), whole);
  converter_ = make(scaled_->info(), whole, out, to);
}

FrameConverter::Converter FrameConverter::make(const GstVideoInfo& in,
                                               const GstVideoRectangle& from,
                                               const GstVideoInfo& out,
                                               const GstVideoRectangle& to) {
  GstVideoInfo in_info = in;
  GstVideoInfo out_info = out;
  // GstVideoConverter requires these fields to be equal, although it converts single frames.
  in_info.fps_n = out_info.fps_n = 0;
  in_info.fps_d = out_info.fps_d = 1;
  in_info.interlace_mode = out_info.interlace_mode = GST_VIDEO_INTERLACE_MODE_PROGRESSIVE;

  // For shrinking, the linear filter avoids the halos of the cubic one and takes two thirds of its
  // time. For enlarging, the cubic filter is sharper.
  const bool shrinks = to.w < from.w || to.h < from.h;
  const GstVideoResamplerMethod method =
      shrinks ? GST_VIDEO_RESAMPLER_METHOD_LINEAR : GST_VIDEO_RESAMPLER_METHOD_CUBIC;

  GstStructure* config = gst_structure_new(
      "fomotransfer", GST_VIDEO_CONVERTER_OPT_SRC_X, G_TYPE_INT, from.x,
      GST_VIDEO_CONVERTER_OPT_SRC_Y, G_TYPE_INT, from.y, GST_VIDEO_CONVERTER_OPT_SRC_WIDTH,
      G_TYPE_INT, from.w, GST_VIDEO_CONVERTER_OPT_SRC_HEIGHT, G_TYPE_INT, from.h,
      GST_VIDEO_CONVERTER_OPT_DEST_X, G_TYPE_INT, to.x, GST_VIDEO_CONVERTER_OPT_DEST_Y, G_TYPE_INT,
      to.y, GST_VIDEO_CONVERTER_OPT_DEST_WIDTH, G_TYPE_INT, to.w,
      GST_VIDEO_CONVERTER_OPT_DEST_HEIGHT, G_TYPE_INT, to.h, GST_VIDEO_CONVERTER_OPT_BORDER_ARGB,
      G_TYPE_UINT, kOpaqueBlack, GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD,
      GST_TYPE_VIDEO_RESAMPLER_METHOD, method, nullptr);
  Converter converter(gst_video_converter_new(&in_info, &out_info, config));
  if (!converter)
    throw Error(FOMO_SETTINGS, std::string("Video of format ") + in.finfo->name +
                                   " cannot be converted to " + out.finfo->name +
                                   ". Insert videoconvert before or after the element.");
  return converter;
}

void FrameConverter::convert(GstVideoFrame& in, GstVideoFrame& out) {
  if (scaled_)
    gst_video_converter_frame(scaler_.get(), &in, &scaled_->frame());
  gst_video_converter_frame(converter_.get(), scaled_ ? &scaled_->frame() : &in, &out);
}

} // namespace fomo
