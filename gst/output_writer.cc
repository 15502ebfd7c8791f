// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/output_writer.h"

namespace fomo {

OutputWriter::OutputWriter(const View& view, int width, int height, int channels)
    : rect_(view.output_rect()) {
  const GstVideoFormat format = channels == 4 ? GST_VIDEO_FORMAT_RGBA : GST_VIDEO_FORMAT_RGB;
  direct_ = GST_VIDEO_INFO_FORMAT(&view.out) == format && rect_ == whole_frame(view.out) &&
            rect_.width == width && rect_.height == height;
  if (direct_)
    return;
  picture_.emplace(format, width, height);
  converter_.emplace(picture_->info(), whole_frame(picture_->info()), view.out, rect_);
}

FomoImage OutputWriter::canvas(GstVideoFrame& frame) {
  return direct_ ? pixel_view(frame, rect_) : picture_->image();
}

void OutputWriter::finish(GstVideoFrame& frame) {
  if (!direct_)
    converter_->convert(picture_->frame(), frame);
}

} // namespace fomo
