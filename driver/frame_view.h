// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "api/engine_api.h"
#include "common/crop.h"
#include "face/face.h"

namespace fomo {

/// One 8-bit component (Y, U, V or R, G, B) of a frame as a video buffer holds it, in whatever
/// plane: its sample x, y is data[(y >> h_sub) * stride + (x >> w_sub) * pixel_stride].
struct FrameComponent {
  const uint8_t* data = nullptr;
  ptrdiff_t stride = 0;
  ptrdiff_t pixel_stride = 1;
  int w_sub = 0, h_sub = 0; ///< log2 of the subsampling
};

/// A driving frame in its own format, nothing converted yet: I420, NV12, YUY2, RGB, BGRx, GRAY8 and
/// the like. Does not own the pixels.
struct FrameView {
  int width = 0, height = 0;
  int components = 3; ///< 1: grey, the first component alone; 3
  bool yuv = false;
  bool full_range = false;         ///< of YUV: 0 to 255 instead of 16 to 235
  double kr = 0.2126, kb = 0.0722; ///< of YUV: the matrix (BT.709)
  FrameComponent component[3];
};

/// Fills `out` (grey or RGB) with `region` of the current frame, which lies inside of it, scaled.
/// Gives false when the frame cannot be read.
using RegionReader = std::function<bool(const FaceBox& region, const FomoImage& out)>;

/// Samples a region of a frame: each pixel of `out` (1 channel: brightness; 3: RGB) is the mean of
/// up to `taps` x `taps` samples spread over the part of the frame that it stands for, bilinear
/// where that is smaller than two pixels. What lies beyond the border repeats it. Touches no other
/// pixels, so that it costs what `out` is large, not what the frame is.
void sample_region(const FrameView& frame, const FaceBox& region, int taps, const FomoImage& out);

/// The crop of a frame as a model wants it, scaled to `out`: as many samples as there are pixels,
/// up to 4 x 4.
void read_crop(const FrameView& frame, const Crop& crop, const FomoImage& out);

/// A view of pixels in memory.
FrameView view_of(const FomoImage& image);

/// A reader of `frame`, which must outlive it.
RegionReader reader_of(const FrameView& frame);

} // namespace fomo
