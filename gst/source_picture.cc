// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/source_picture.h"

#include <memory>

#include "gst/picture_location.h"
#include "gst/pixel_aspect.h"

namespace fomo {

namespace {

/// Converts a raw video frame to RGB or, if the format has alpha, RGBA with square pixels.
PictureHandle picture_of_raw(const Engine& engine, GstBuffer* buffer, const GstVideoInfo& info) {
  const SquareSize square = square_size(info, true);
  const bool transparent = GST_VIDEO_FORMAT_INFO_HAS_ALPHA(info.finfo);

  MappedFrame frame(buffer, info, GST_MAP_READ);
  PixelFrame pixels(transparent ? GST_VIDEO_FORMAT_RGBA : GST_VIDEO_FORMAT_RGB, square.width,
                    square.height);
  FrameConverter(info, whole_frame(info), pixels.info(), whole_frame(pixels.info()))
      .convert(frame.frame(), pixels.frame());
  const FomoImage image = pixels.image();
  return engine.picture_from_pixels(
      {image.data, image.width, image.height, image.stride, image.channels});
}

PictureHandle picture_of_encoded(const Engine& engine, GstBuffer* buffer) {
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
    throw Error(FOMO_OPEN_READ, "The picture in source-sample cannot be mapped. Give a sample in "
                                "system memory.");
  const auto unmap = [buffer](GstMapInfo* mapped) { gst_buffer_unmap(buffer, mapped); };
  const std::unique_ptr<GstMapInfo, decltype(unmap)> mapped(&map, unmap);
  return engine.decode_picture(map.data, map.size, "source-sample");
}

PictureHandle picture_of_sample(const Engine& engine, GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  GstCaps* caps = gst_sample_get_caps(sample);
  if (!buffer || !caps || gst_caps_get_size(caps) != 1)
    throw Error(FOMO_WRONG_TYPE, "The picture in source-sample has no buffer or no caps. Give a "
                                 "sample with both.");
  const char* type = gst_structure_get_name(gst_caps_get_structure(caps, 0));
  if (g_str_has_prefix(type, "image/"))
    return picture_of_encoded(engine, buffer);
  GstVideoInfo info;
  if (g_str_equal(type, "video/x-raw") && gst_video_info_from_caps(&info, caps))
    return picture_of_raw(engine, buffer, info);
  throw Error(FOMO_WRONG_TYPE, std::string("The picture in source-sample is of type ") + type +
                                   ". Give raw video (video/x-raw) or an encoded picture "
                                   "(image/png, image/jpeg).");
}

} // namespace

PictureHandle load_picture(const Engine& engine, const PictureOrigin& origin) {
  if (origin.sample)
    return picture_of_sample(engine, origin.sample.get());
  return engine.load_picture(file_of(origin.location));
}

} // namespace fomo
