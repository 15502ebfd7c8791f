// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include "api/engine_api.h"
#include "gst/frame_converter.h"

namespace fomo {

/// FomoOrientation is converted to and from GstVideoOrientationMethod by a cast.
static_assert(static_cast<int>(GST_VIDEO_ORIENTATION_IDENTITY) == FOMO_ORIENTATION_IDENTITY &&
                  static_cast<int>(GST_VIDEO_ORIENTATION_90R) == FOMO_ORIENTATION_90R &&
                  static_cast<int>(GST_VIDEO_ORIENTATION_UR_LL) == FOMO_ORIENTATION_UR_LL,
              "FomoOrientation has other values than GstVideoOrientationMethod");

/// Formats and sizes of driving frames and output frames, and the mapping between them.
struct FrameLayout {
  GstVideoInfo in{};
  GstVideoInfo out{};
  Shape shape = {1, 1};                                    ///< of the animated picture
  FomoCrop crop = FOMO_CROP_AUTO;                          ///< of driving frames
  FomoOrientation orientation = FOMO_ORIENTATION_IDENTITY; ///< of driving frames
  FomoFootprint footprint{}; ///< the part of the last driving frame that the model saw

  /// The rectangle of an output frame that shows the animated picture, pixels.
  GstVideoRectangle output_rect() const { return centered_rect(out, shape); }

  /// Whether to_driving() can be used: not before the first frame.
  bool has_footprint() const {
    return in.finfo && out.finfo && (footprint.right_x != 0 || footprint.right_y != 0);
  }
  /// Converts a position in the output frame to the corresponding position in the driving frame,
  /// both in pixels.
  void to_driving(double& x, double& y) const;
};

} // namespace fomo
