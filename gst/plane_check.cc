// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/plane_check.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/error.h"

namespace fomo {

namespace {

constexpr int64_t kPaletteBytes = 256 * 4;
constexpr char kRemedy[] = ". The element or application that made the buffer is at fault; insert "
                           "videoconvert after it, or give buffers without GstVideoMeta.";

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(FOMO_FAILED, "A video buffer is refused: " + reason + kRemedy);
}

std::string size_text(guint width, guint height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

/// The bytes of a plane: `rows` rows of `row_bytes`, `stride` bytes apart.
struct Extent {
  int64_t row_bytes, rows, stride;

  /// The first byte and the byte after the last one, relative to the first row.
  int64_t first() const { return std::min<int64_t>(0, stride * (rows - 1)); }
  int64_t end() const { return std::max<int64_t>(0, stride * (rows - 1)) + row_bytes; }
};

/// Tiled planes: the stride is the number of tiles in both directions.
Extent tiled_extent(const GstVideoFrame& frame, const GstVideoInfo& packed, guint plane) {
  const int stride = frame.info.stride[plane];
  const int across = GST_VIDEO_TILE_X_TILES(stride), down = GST_VIDEO_TILE_Y_TILES(stride);
  const int needed_across = GST_VIDEO_TILE_X_TILES(packed.stride[plane]),
            needed_down = GST_VIDEO_TILE_Y_TILES(packed.stride[plane]);
  if (across < needed_across || down < needed_down)
    refuse("plane " + std::to_string(plane) + " has " + std::to_string(across) + "x" +
           std::to_string(down) + " tiles, and " + std::to_string(needed_across) + "x" +
           std::to_string(needed_down) + " are needed");
  const int64_t tile = frame.info.finfo->tile_info[plane].size;
  return {tile * across * down, 1, 0};
}

Extent extent_of(const GstVideoFrame& frame, const GstVideoInfo& packed, guint plane) {
  const GstVideoFormatInfo& format = *frame.info.finfo;
  if (GST_VIDEO_FORMAT_INFO_IS_TILED(&format))
    return tiled_extent(frame, packed, plane);
  if (GST_VIDEO_FORMAT_INFO_HAS_PALETTE(&format) && plane == GST_VIDEO_COMP_PALETTE)
    return {kPaletteBytes, 1, 0};
  Extent extent{0, 0, frame.info.stride[plane]};
  for (guint c = 0; c < format.n_components; c++) {
    if (format.plane[c] != plane)
      continue;
    const int64_t columns = GST_VIDEO_SUB_SCALE(format.w_sub[c], frame.info.width);
    // A pixel stride does not describe complex formats. The packed stride is what a row takes.
    const bool regular = !GST_VIDEO_FORMAT_INFO_IS_COMPLEX(&format) && format.pixel_stride[c] > 0;
    const int64_t bytes = regular ? columns * format.pixel_stride[c] : packed.stride[plane];
    extent.row_bytes = std::max(extent.row_bytes, bytes);
    extent.rows =
        std::max<int64_t>(extent.rows, GST_VIDEO_SUB_SCALE(format.h_sub[c], frame.info.height));
  }
  if (std::abs(extent.stride) < extent.row_bytes)
    refuse("plane " + std::to_string(plane) + " has a stride of " + std::to_string(extent.stride) +
           " bytes, and a row of " + size_text(frame.info.width, frame.info.height) + " " +
           format.name + " takes " + std::to_string(extent.row_bytes));
  return extent;
}

} // namespace

void check_video_meta(GstBuffer* buffer, const GstVideoInfo& info) {
  const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  if (!meta)
    return;
  if (meta->format != GST_VIDEO_INFO_FORMAT(&info) ||
      meta->n_planes != GST_VIDEO_INFO_N_PLANES(&info))
    refuse(std::string("its GstVideoMeta is of the format ") +
           gst_video_format_to_string(meta->format) + " with " + std::to_string(meta->n_planes) +
           " planes, its caps of " + info.finfo->name);
  if (meta->width != static_cast<guint>(info.width) ||
      meta->height != static_cast<guint>(info.height))
    refuse("its GstVideoMeta is of another size (" + size_text(meta->width, meta->height) +
           ") than its caps (" + size_text(info.width, info.height) + ")");
}

void check_planes(const GstVideoFrame& frame) {
  GstVideoInfo packed;
  gst_video_info_init(&packed);
  if (!gst_video_info_set_format(&packed, GST_VIDEO_INFO_FORMAT(&frame.info), frame.info.width,
                                 frame.info.height))
    refuse("no frame is " + size_text(frame.info.width, frame.info.height) + " pixels");
  for (guint plane = 0; plane < GST_VIDEO_INFO_N_PLANES(&frame.info); plane++) {
    const Extent extent = extent_of(frame, packed, plane);
    // Without meta all planes lie in one mapped memory.
    const GstMapInfo& map = frame.map[frame.meta ? plane : 0];
    if (!map.memory) // a map function of the meta's own, which tells no size
      continue;
    const int64_t start = static_cast<const guint8*>(frame.data[plane]) - map.data;
    const int64_t first = start + extent.first(), end = start + extent.end();
    if (first < 0 || end > static_cast<int64_t>(map.size))
      refuse("plane " + std::to_string(plane) + " of " +
             size_text(frame.info.width, frame.info.height) + " " + frame.info.finfo->name +
             " takes the bytes " + std::to_string(first) + " to " + std::to_string(end) +
             " of a memory of " + std::to_string(map.size) + " bytes");
  }
}

} // namespace fomo
