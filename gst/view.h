// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include "api/engine_api.h"
#include "gst/frame_converter.h"
#include "gst/orientation.h"

namespace fomo {

/// How driving frames, the animated picture and output frames lie to each other.
struct View {
  GstVideoInfo in{};
  GstVideoInfo out{};
  Shape shape = {1, 1};      ///< of the animated picture
  bool whole_driving = true; ///< the model sees all of a driving frame, else a square of it
  FomoSquare square{};       ///< of the upright driving frame that it sees; none: the centred one
  GstVideoOrientationMethod orientation = GST_VIDEO_ORIENTATION_IDENTITY;

  /// The part of a driving frame that the model sees while it stays where it is.
  Rect driving_rect() const { return whole_driving ? whole_frame(in) : centered_rect(in, {1, 1}); }

  /// The part of an output frame that shows the animated picture, in its shape where displayed.
  Rect output_rect() const { return centered_rect(out, shape); }

  /// Where a pixel of the output lies in the driving frame, pixels.
  Place driving_place(Place output) const;
};

} // namespace fomo
