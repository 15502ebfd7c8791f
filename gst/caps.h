// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include "gst/frame_converter.h"

namespace fomo {

#define FOMO_FRAMES(formats)                                                                       \
  "video/x-raw, format = (string) " formats                                                        \
  ", width = (int) [ 16, 32768 ], height = (int) [ 16, 32768 ], framerate = (fraction) [ 0, max ]"

/// The caps of both pad templates: raw video in system memory in every format that
/// GstVideoConverter supports. Common 8-bit formats come first. In GStreamer's own order deep
/// formats come first, and a source that supports all formats would produce 16-bit frames, of which
/// the model sees 8 bits.
#define FOMO_CAPS                                                                                  \
  FOMO_FRAMES("{ RGB, BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, ARGB, ABGR, I420, YV12, NV12, "     \
              "NV21, YUY2, UYVY }")                                                                \
  "; " FOMO_FRAMES(GST_VIDEO_FORMATS_ALL)

/// The caps that the other pad can have when one pad has `caps`: format, size, pixel aspect ratio
/// and colours are free, all other fields are the same. New reference.
GstCaps* caps_of_other_pad(GstCaps* caps);

/// `caps` with the frame rate that `from` names, if any. `from` may be null. Takes `caps`.
GstCaps* with_framerate_of(GstCaps* from, GstCaps* caps);

/// What `filter` leaves of `caps`, in the filter's order; `caps` if there is no filter. Takes
/// `caps`.
GstCaps* filtered_caps(GstCaps* caps, GstCaps* filter);

/// The properties of the animated picture that determine the output caps.
struct OutputPicture {
  int width, height; ///< default size of output frames
  Shape shape;       ///< displayed shape
  bool alpha;        ///< whether the picture has transparency
};

/// Fixates the output caps among `othercaps` (transfer full). Preferred are: the input's format
/// (for a picture with transparency a format with alpha), the picture's size (scaled to 4096 pixels
/// where its longer side is longer), a pixel aspect ratio that keeps the picture's shape, and
/// explicit colorimetry. New reference.
GstCaps* fixate_output_caps(GstCaps* input, GstCaps* othercaps, const OutputPicture& picture);

} // namespace fomo
