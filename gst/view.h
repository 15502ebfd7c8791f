// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include "common/engine_api.h"
#include "gst/frame_converter.h"
#include "gst/orientation.h"

namespace fomo {

/// How driving frames, the model's picture and output frames lie to each other.
struct View {
  GstVideoInfo in{};
  GstVideoInfo out{};
  FomoCrop crop = FOMO_CROP_CENTER;
  GstVideoOrientationMethod orientation = GST_VIDEO_ORIENTATION_IDENTITY;

  /// The part of a driving frame that the model sees.
  Rect driving_rect() const {
    return crop == FOMO_CROP_CENTER ? centered_square(in) : whole_frame(in);
  }

  /// The part of an output frame that shows the model's picture. With a centred crop the picture
  /// stands for a square and stays one where it is displayed; without a crop it fills the frame.
  Rect output_rect() const {
    return crop == FOMO_CROP_CENTER ? centered_square(out) : whole_frame(out);
  }

  /// Where a pixel of the output lies in the driving frame, pixels.
  Place driving_place(Place output) const {
    const Rect from = output_rect();
    const Rect to = driving_rect();
    const Place stored = stored_place(
        orientation, {(output.x - from.x) / from.width, (output.y - from.y) / from.height});
    return {to.x + stored.x * to.width, to.y + stored.y * to.height};
  }
};

} // namespace fomo
