// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/driving_frame.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "gst/pixel_aspect.h"

namespace fomo {

namespace {

/// Whether the engine reads the format without conversion: planar or packed pixels with 8 bits a
/// component.
bool is_plain(const GstVideoFormatInfo& format) {
  if (!(GST_VIDEO_FORMAT_INFO_IS_YUV(&format) || GST_VIDEO_FORMAT_INFO_IS_RGB(&format) ||
        GST_VIDEO_FORMAT_INFO_IS_GRAY(&format)) ||
      GST_VIDEO_FORMAT_INFO_IS_COMPLEX(&format) || GST_VIDEO_FORMAT_INFO_IS_TILED(&format) ||
      GST_VIDEO_FORMAT_INFO_HAS_PALETTE(&format) || format.bits != 8)
    return false;
  // GStreamer describes VYUY with the offsets of UYVY.
  if (format.format == GST_VIDEO_FORMAT_VYUY)
    return false;
  for (guint c = 0; c < format.n_components; c++)
    // A pixel stride of 0 means unevenly spaced samples (IYU1).
    if (format.depth[c] != 8 || format.shift[c] != 0 || format.pixel_stride[c] <= 0)
      return false;
  return true;
}

FomoFrame as_stored(GstVideoFrame& frame) {
  const GstVideoFormatInfo& format = *frame.info.finfo;
  FomoFrame result{};
  result.width = frame.info.width;
  result.height = frame.info.height;
  result.components = GST_VIDEO_FORMAT_INFO_IS_GRAY(&format) ? 1 : 3;
  result.yuv = GST_VIDEO_FORMAT_INFO_IS_YUV(&format);
  result.full_range = frame.info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  if (!gst_video_color_matrix_get_Kr_Kb(frame.info.colorimetry.matrix, &result.kr, &result.kb)) {
    result.kr = 0.2126;
    result.kb = 0.0722;
  }
  for (int c = 0; c < result.components; c++)
    result.component[c] = {
        static_cast<const uint8_t*>(GST_VIDEO_FRAME_COMP_DATA(&frame, c)),
        GST_VIDEO_FRAME_COMP_STRIDE(&frame, c), GST_VIDEO_FRAME_COMP_PSTRIDE(&frame, c),
        static_cast<int32_t>(format.w_sub[c]), static_cast<int32_t>(format.h_sub[c])};
  return result;
}

bool swaps_sides(FomoOrientation orientation) {
  return orientation == FOMO_ORIENTATION_90R || orientation == FOMO_ORIENTATION_90L ||
         orientation == FOMO_ORIENTATION_UL_LR || orientation == FOMO_ORIENTATION_UR_LL;
}

bool follows_face(FomoCrop crop, const FomoModelInfo& model) {
  return crop == FOMO_CROP_FACE || (crop == FOMO_CROP_AUTO && model.about_faces);
}

} // namespace

DrivingFrame::DrivingFrame(const FrameLayout& layout, const FomoModelInfo& model)
    : in_(layout.in), orientation_(layout.orientation), part_(whole_frame(in_)) {
  if (in_.par_n == in_.par_d && is_plain(*in_.finfo))
    return;
  int width, height;
  if (layout.crop == FOMO_CROP_NONE) {
    width = swaps_sides(orientation_) ? model.height : model.width;
    height = swaps_sides(orientation_) ? model.width : model.height;
  } else if (follows_face(layout.crop, model) || layout.crop == FOMO_CROP_MANUAL) {
    const SquareSize square = square_size(in_, false);
    width = square.width;
    height = square.height;
  } else {
    part_ = centered_rect(in_, {1, 1});
    width = height = std::max(model.width, model.height);
  }
  pixels_.emplace(GST_VIDEO_FORMAT_RGB, width, height);
  converter_.emplace(in_, part_, pixels_->info(), whole_frame(pixels_->info()));
}

FomoFrame DrivingFrame::describe(GstVideoFrame& frame) {
  if (converter_)
    converter_->convert(frame, pixels_->frame());
  FomoFrame result = as_stored(converter_ ? pixels_->frame() : frame);
  result.orientation = orientation_;
  return result;
}

std::vector<FomoBox> DrivingFrame::marked_faces(GstBuffer* buffer) const {
  const double across = static_cast<double>(pixels_ ? pixels_->info().width : in_.width) / part_.w,
               down = static_cast<double>(pixels_ ? pixels_->info().height : in_.height) / part_.h;
  std::vector<FomoBox> faces;
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(
             buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
    const auto* region = reinterpret_cast<GstVideoRegionOfInterestMeta*>(meta);
    const char* type = g_quark_to_string(region->roi_type);
    if (type && std::strstr(type, "face"))
      faces.push_back({across * (static_cast<double>(region->x) - part_.x),
                       down * (static_cast<double>(region->y) - part_.y), across * region->w,
                       down * region->h});
  }
  return faces;
}

FomoDriving DrivingFrame::driving(GstVideoFrame& frame, FomoCrop crop,
                                  const FrameSettings& settings, double seconds) {
  faces_ = marked_faces(frame.buffer);
  FomoDriving result{};
  result.frame = describe(frame);
  result.seconds = seconds;
  result.crop = crop;
  result.crop_x = settings.crop_x;
  result.crop_y = settings.crop_y;
  result.crop_size = settings.crop_size;
  result.face_timeout = static_cast<double>(settings.face_timeout) / GST_SECOND;
  result.faces = faces_.data();
  result.face_count = static_cast<int32_t>(faces_.size());
  return result;
}

FomoFootprint DrivingFrame::in_buffer(const FomoFootprint& footprint) const {
  const double across = static_cast<double>(part_.w) / in_.width,
               down = static_cast<double>(part_.h) / in_.height;
  return {static_cast<double>(part_.x) / in_.width + across * footprint.x,
          static_cast<double>(part_.y) / in_.height + down * footprint.y,
          across * footprint.right_x,
          down * footprint.right_y,
          across * footprint.down_x,
          down * footprint.down_y};
}

} // namespace fomo
