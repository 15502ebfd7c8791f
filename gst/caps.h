// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include "gst/frame_converter.h"

namespace fomo {

#define FOMO_FRAMES(formats)                                                                       \
  "video/x-raw, format = (string) " formats                                                        \
  ", width = (int) [ 16, 32768 ], height = (int) [ 16, 32768 ], framerate = (fraction) [ 0, max ]"

/// What both pads take: raw video in system memory, every format that GstVideoConverter knows. The
/// usual 8-bit formats come first: GStreamer's own order has the widest first, and a source that
/// can make everything would make 16-bit frames for a model that sees 8 bits.
#define FOMO_CAPS                                                                                  \
  FOMO_FRAMES("{ RGB, BGR, RGBx, BGRx, xRGB, xBGR, RGBA, BGRA, ARGB, ABGR, I420, YV12, NV12, "     \
              "NV21, YUY2, UYVY }")                                                                \
  "; " FOMO_FRAMES(GST_VIDEO_FORMATS_ALL)

/// What the other pad can have when one pad has `caps`: rate and the like as they are; format,
/// size, shape and colours free. New reference.
GstCaps* caps_of_other_pad(GstCaps* caps);

/// The animated picture.
struct ShownPicture {
  int width, height; ///< of its own
  Shape shape;       ///< that it must keep
  bool alpha;        ///< it has transparency
};

/// Settles the output's caps among `choices` (taken over): the input's format where allowed (for a
/// picture with transparency one that has it too), the picture's size where free (of a longer side
/// than 4096 pixels: in proportion), a pixel aspect ratio that keeps the picture's shape,
/// colorimetry spelled out. New reference.
GstCaps* settle_output_caps(GstCaps* input, GstCaps* choices, const ShownPicture& picture);

} // namespace fomo
