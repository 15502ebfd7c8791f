// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/driver_frame.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace fomo {

namespace {

/// Whether the engine reads the format as it is: planes or packed pixels of 8 bits a component.
bool is_plain(const GstVideoFormatInfo& format) {
  if (!(GST_VIDEO_FORMAT_INFO_IS_YUV(&format) || GST_VIDEO_FORMAT_INFO_IS_RGB(&format) ||
        GST_VIDEO_FORMAT_INFO_IS_GRAY(&format)) ||
      GST_VIDEO_FORMAT_INFO_IS_COMPLEX(&format) || GST_VIDEO_FORMAT_INFO_IS_TILED(&format) ||
      GST_VIDEO_FORMAT_INFO_HAS_PALETTE(&format) || format.bits != 8)
    return false;
  for (guint c = 0; c < format.n_components; c++)
    if (format.depth[c] != 8 || format.shift[c] != 0)
      return false;
  return true;
}

/// The component seen upright: a turn is a matter of where to begin and which way to go.
FomoComponent turned(const FomoComponent& stored, int width, int height,
                     GstVideoOrientationMethod method) {
  const int columns = GST_VIDEO_SUB_SCALE(stored.w_sub, width);
  const int rows = GST_VIDEO_SUB_SCALE(stored.h_sub, height);
  const Place origin = stored_place(method, {0, 0});
  const Place right = stored_place(method, {1, 0}), down = stored_place(method, {0, 1});
  const auto along = [&](const Place& to) {
    return static_cast<ptrdiff_t>(to.x - origin.x) * stored.pixel_stride +
           static_cast<ptrdiff_t>(to.y - origin.y) * stored.stride;
  };
  FomoComponent upright = stored;
  upright.data += static_cast<ptrdiff_t>(origin.x) * (columns - 1) * stored.pixel_stride +
                  static_cast<ptrdiff_t>(origin.y) * (rows - 1) * stored.stride;
  upright.pixel_stride = along(right);
  upright.stride = along(down);
  if (swaps_sides(method))
    std::swap(upright.w_sub, upright.h_sub);
  return upright;
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

} // namespace

DriverFrame::DriverFrame(const View& view) : in_(view.in), orientation_(view.orientation) {
  if (in_.par_n == in_.par_d && is_plain(*in_.finfo))
    return;
  const double pixel_aspect = static_cast<double>(in_.par_n) / in_.par_d;
  pixels_.emplace(GST_VIDEO_FORMAT_RGB,
                  std::max(1, static_cast<int>(std::lround(in_.width * pixel_aspect))), in_.height);
  converter_.emplace(in_, whole_frame(in_), pixels_->info(), whole_frame(pixels_->info()));
}

FomoFrame DriverFrame::of(GstVideoFrame& frame) {
  if (converter_)
    converter_->convert(frame, pixels_->frame());
  FomoFrame result = as_stored(converter_ ? pixels_->frame() : frame);
  if (orientation_ == GST_VIDEO_ORIENTATION_IDENTITY)
    return result;
  for (int c = 0; c < result.components; c++)
    result.component[c] = turned(result.component[c], result.width, result.height, orientation_);
  if (swaps_sides(orientation_))
    std::swap(result.width, result.height);
  return result;
}

std::vector<FomoBox> DriverFrame::marked_faces(GstBuffer* buffer) const {
  double width = pixels_ ? pixels_->info().width : in_.width, height = in_.height;
  if (swaps_sides(orientation_))
    std::swap(width, height);
  std::vector<FomoBox> faces;
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(
             buffer, &state, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE)) {
    const auto* region = reinterpret_cast<GstVideoRegionOfInterestMeta*>(meta);
    const char* type = g_quark_to_string(region->roi_type);
    if (!type || !std::strstr(type, "face"))
      continue;
    const Place a = upright_place(orientation_, {static_cast<double>(region->x) / in_.width,
                                                 static_cast<double>(region->y) / in_.height});
    const Place b =
        upright_place(orientation_, {static_cast<double>(region->x + region->w) / in_.width,
                                     static_cast<double>(region->y + region->h) / in_.height});
    faces.push_back({std::min(a.x, b.x) * width, std::min(a.y, b.y) * height,
                     std::abs(a.x - b.x) * width, std::abs(a.y - b.y) * height});
  }
  return faces;
}

} // namespace fomo
