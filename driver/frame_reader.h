// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/geometry.h"
#include "common/image.h"

namespace fomo {

/// Reads parts of a driving frame as the frame stands upright: I420, NV12, YUY2, RGB, BGRx, GRAY8
/// and the like, nothing converted beforehand. A read costs what its result is large, not what the
/// frame is. Does not own the pixels.
class FrameReader {
 public:
  /// Nothing to read: every read() fails.
  FrameReader() = default;
  explicit FrameReader(const FomoFrame& frame) : frame_(frame) {}
  /// Pixels in memory: grey, RGB or RGBA.
  explicit FrameReader(const ConstImage& image);

  /// Of the upright frame, pixels.
  int width() const { return swaps_sides() ? frame_.height : frame_.width; }
  int height() const { return swaps_sides() ? frame_.width : frame_.height; }

  /// Scales `region` of the upright frame to `out` (1 channel: brightness; 3: RGB). Each pixel of
  /// `out` is the mean of up to `taps` x `taps` samples spread over the part of the frame that it
  /// stands for, bilinear where that part is smaller than two pixels; without scaling, pixels are
  /// copied. What lies beyond the border repeats the border. False when the frame has no pixels or
  /// the region no size or no place in the frame.
  bool read(const Box& region, int taps, const FomoImage& out) const;

  /// A place of the upright frame in the stored frame and the other way round, both as fractions of
  /// width and height.
  Point to_stored(const Point& upright) const;
  Point to_upright(const Point& stored) const;

 private:
  bool swaps_sides() const;

  FomoFrame frame_{};
};

} // namespace fomo
