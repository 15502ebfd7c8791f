// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include "gst/frame_converter.h"

namespace fomo {

/// The largest side of a frame, pixels, also after its pixels were made square.
constexpr int kLargestSide = 32768;

/// A size in pixels.
struct SquareSize {
  int width, height;
};

/// Throws Error (FOMO_SETTINGS) if the frame has a side of more than kLargestSide when the shorter
/// side of its pixels is stretched to the longer one. Pixel aspect ratios up to 2147483647/1 are
/// valid caps.
void check_pixel_aspect(const GstVideoInfo& info);

/// Throws Error (FOMO_SETTINGS) if less than half a pixel of `out` is left for a picture of
/// `shape`, because of the pixel aspect ratio of `out`.
void check_room(const GstVideoInfo& out, const Shape& shape);

/// The frame's size with square pixels, with its height or, if `enlarges`, with no side smaller
/// than stored. A frame of more than 40 million pixels is scaled down to 20 million, so that a
/// pixel aspect ratio cannot ask for much memory. At least 1x1. Throws as check_pixel_aspect()
/// does.
SquareSize square_size(const GstVideoInfo& info, bool enlarges);

} // namespace fomo
