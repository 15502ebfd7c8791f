// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/driving_reader.h"

#include <utility>

namespace fomo {

DrivingReader::DrivingReader(const View& view, int model_width, int model_height)
    : rect_(view.driving_rect()), orientation_(view.orientation) {
  int width = model_width;
  int height = model_height;
  if (swaps_sides(orientation_))
    std::swap(width, height);
  const bool turned = orientation_ != GST_VIDEO_ORIENTATION_IDENTITY;
  direct_ = !turned && GST_VIDEO_INFO_FORMAT(&view.in) == GST_VIDEO_FORMAT_RGB &&
            rect_.width == width && rect_.height == height;
  if (direct_)
    return;

  stored_.emplace(GST_VIDEO_FORMAT_RGB, width, height);
  converter_.emplace(view.in, rect_, stored_->info(), whole_frame(stored_->info()));
  if (turned)
    upright_.emplace(GST_VIDEO_FORMAT_RGB, model_width, model_height);
}

FomoImage DrivingReader::read(GstVideoFrame& frame) {
  if (direct_)
    return pixel_view(frame, rect_);
  converter_->convert(frame, stored_->frame());
  if (!upright_)
    return stored_->image();
  turn_upright(orientation_, stored_->image(), upright_->image());
  return upright_->image();
}

} // namespace fomo
