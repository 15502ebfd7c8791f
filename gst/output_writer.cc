// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/output_writer.h"

namespace fomo {

OutputWriter::OutputWriter(const View& view, int model_width, int model_height)
    : rect_(view.output_rect()) {
  direct_ = GST_VIDEO_INFO_FORMAT(&view.out) == GST_VIDEO_FORMAT_RGB &&
            rect_ == whole_frame(view.out) && rect_.width == model_width &&
            rect_.height == model_height;
  if (direct_)
    return;
  model_frame_.emplace(GST_VIDEO_FORMAT_RGB, model_width, model_height);
  converter_.emplace(model_frame_->info(), whole_frame(model_frame_->info()), view.out, rect_);
}

FomoImage OutputWriter::canvas(GstVideoFrame& frame) {
  return direct_ ? rgb_view(frame, rect_) : model_frame_->image();
}

void OutputWriter::finish(GstVideoFrame& frame) {
  if (!direct_)
    converter_->convert(model_frame_->frame(), frame);
}

} // namespace fomo
