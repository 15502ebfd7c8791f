// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/geometry.h"
#include "common/image.h"

namespace fomo {

/// Describes grey, RGB or RGBA pixels in memory as an upright driving frame.
FomoFrame frame_of(const ConstImage& image);

/// Crops, scales and turns upright a driving frame in its own pixel format (I420, NV12, YUY2, RGB,
/// BGRx, GRAY8 and the like) in one step. The cost depends on the size of the result, not on that
/// of the frame. Does not own the pixels.
class FrameReader {
 public:
  /// An empty frame: every read() fails.
  FrameReader() = default;
  explicit FrameReader(const FomoFrame& frame) : frame_(frame) {}
  /// An image in memory: grey, RGB or RGBA.
  explicit FrameReader(const ConstImage& image) : FrameReader(frame_of(image)) {}

  /// Size of the upright frame, pixels.
  int width() const { return swaps_sides() ? frame_.height : frame_.width; }
  int height() const { return swaps_sides() ? frame_.width : frame_.height; }

  /// Scales `region` of the upright frame to `out` (1 channel: brightness; 3: RGB). Each output
  /// pixel is the mean of up to `taps` x `taps` samples of the area that it covers; below a
  /// downscaling factor of 2 the samples are interpolated bilinearly. Beyond the border of the
  /// frame, the border pixels are repeated. Returns false if the frame has no pixels, or if the
  /// region is empty or outside the frame.
  bool read(const Box& region, int taps, const FomoImage& out) const;

  /// As above for a region that is turned by `roll` radians (positive: clockwise on the screen)
  /// about its centre.
  bool read(const Box& region, double roll, int taps, const FomoImage& out) const;

  /// Converts a position in the upright frame to the position in the stored frame. Both are
  /// fractions of width and height.
  Point to_stored(const Point& upright) const;
  /// The inverse of to_stored.
  Point to_upright(const Point& stored) const;

 private:
  bool swaps_sides() const;

  FomoFrame frame_{};
};

} // namespace fomo
