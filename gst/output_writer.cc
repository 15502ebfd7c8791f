// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/output_writer.h"

namespace fomo {

OutputWriter::OutputWriter(const FrameLayout& layout, int width, int height, int channels)
    : rect_(layout.output_rect()) {
  const GstVideoFormat format = channels == 4 ? GST_VIDEO_FORMAT_RGBA : GST_VIDEO_FORMAT_RGB;
  direct_ = GST_VIDEO_INFO_FORMAT(&layout.out) == format && rect_.w == layout.out.width &&
            rect_.h == layout.out.height && rect_.w == width && rect_.h == height;
  if (direct_)
    return;
  picture_.emplace(format, width, height);
  converter_.emplace(picture_->info(), whole_frame(picture_->info()), layout.out, rect_);
}

FomoImage OutputWriter::canvas(GstVideoFrame& frame) {
  return direct_ ? pixel_view(frame, rect_) : picture_->image();
}

void OutputWriter::finish(GstVideoFrame& frame) {
  if (!direct_)
    converter_->convert(picture_->frame(), frame);
}

} // namespace fomo
