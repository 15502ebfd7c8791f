// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "pictures/picture.h"

namespace fomo {

/// The parts of a picture that a framing selects.
struct PictureFraming {
  std::vector<cv::Rect> crops;      ///< one, or one for each face; may leave the picture
  FomoCrop crop = FOMO_CROP_CENTER; ///< that was taken: not FOMO_CROP_AUTO
  int faces_found = -1;             ///< -1: nobody looked
};

/// Whether a crop is around a face, with a model that is about faces or not.
bool looks_for_faces(FomoCrop crop, bool about_faces);

/// Frames a picture. FOMO_CROP_AUTO looks for faces if `about_faces`. Thread-safe. Throws Error
/// (FOMO_SETTINGS) when there is no face, or not the one asked for.
PictureFraming frame_picture(const Picture& picture, const FomoFraming& framing, bool about_faces);

} // namespace fomo
