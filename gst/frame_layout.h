// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include "api/engine_api.h"
#include "gst/frame_converter.h"

namespace fomo {

/// The values agree, so that one is cast to the other.
static_assert(static_cast<int>(GST_VIDEO_ORIENTATION_IDENTITY) == FOMO_ORIENTATION_IDENTITY &&
                  static_cast<int>(GST_VIDEO_ORIENTATION_90R) == FOMO_ORIENTATION_90R &&
                  static_cast<int>(GST_VIDEO_ORIENTATION_UR_LL) == FOMO_ORIENTATION_UR_LL,
              "FomoOrientation has other values than GstVideoOrientationMethod");

/// Formats and sizes of driving frames and output frames, and what is shown where.
struct FrameLayout {
  GstVideoInfo in{};
  GstVideoInfo out{};
  Shape shape = {1, 1};                                    ///< of the animated picture
  FomoCrop crop = FOMO_CROP_AUTO;                          ///< of driving frames
  FomoOrientation orientation = FOMO_ORIENTATION_IDENTITY; ///< turns driving frames upright
  FomoFootprint footprint{}; ///< the part of a driving frame that the model saw last

  /// The part of an output frame that shows the animated picture, in its shape where displayed.
  GstVideoRectangle output_rect() const { return centered_rect(out, shape); }

  bool has_footprint() const {
    return in.finfo && out.finfo && (footprint.right_x != 0 || footprint.right_y != 0);
  }
  /// Moves a place of the output, pixels, to the place of the driving frame that it shows.
  void to_driving(double& x, double& y) const;
};

} // namespace fomo
