// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "gst/enums.h"
#include "gst/source_picture.h"

namespace fomo {

/// Settings that may change with every frame.
struct FrameSettings {
  FomoCalibration calibration = {{1, 1, 1}, FOMO_REFERENCE_AUTO,  FOMO_LOST_RELAX, 1,
                                 0.5,       FOMO_NO_FACE_CONTROLS};
  /// The square of crop=manual in driving frames: its centre as fractions of width and height, its
  /// side as a fraction of the shorter of the two.
  double crop_x = 0.5, crop_y = 0.5, crop_size = 1;
  GstClockTime face_timeout = 2 * GST_SECOND;
  bool whole_picture = false; ///< output=picture
  bool detail = true;
  GstFomoTransferPlate plate = GST_FOMO_TRANSFER_PLATE_AUTO;
  guint overlay = 0; ///< FOMO_OVERLAY_...
  GstFomoTransferMark mark = GST_FOMO_TRANSFER_MARK_INVISIBLE;
  FomoCorner mark_corner = FOMO_CORNER_BOTTOM_RIGHT;
  double mark_size = 0.08;        ///< height of the letters, fraction of the shorter side
  GstClockTime mark_duration = 0; ///< how long the letters are shown; 0: always
};

/// A picture to be loaded.
struct SourceRequest {
  PictureOrigin origin;
  FomoFraming framing{}; ///< its crop also applies to driving frames
  guint version = 0;     ///< grows with every request
};

/// The values of the properties. Guarded by the element's lock; each frame uses a copy.
struct Settings {
  PictureOrigin picture;
  PictureOrigin reference;
  guint picture_version = 0;   ///< how often the picture or its framing was set
  guint reference_version = 0; ///< how often the reference picture was set
  std::string model = "builtin";
  std::string config; ///< empty: the configuration is read from the weights
  std::string device = "auto";
  FomoPrecision precision = FOMO_PRECISION_AUTO;
  int threads = 0;
  bool align_corners = true;
  bool deterministic = false;
  FomoCrop crop = FOMO_CROP_AUTO;
  int face_index = 0;
  bool all_faces = false;
  FrameSettings frame;
  FomoMotionCoding coding = {5, 25, 1};

  /// The request for the picture. All faces are requested only if the full picture is shown.
  SourceRequest picture_request() const {
    return {picture,
            {crop, all_faces && frame.whole_picture ? FOMO_ALL_FACES : face_index},
            picture_version};
  }
  /// The request for the reference picture, whose largest face is the driver's.
  SourceRequest reference_request() const { return {reference, {crop, 0}, reference_version}; }
};

} // namespace fomo
