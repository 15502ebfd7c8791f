// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "pictures/picture.h"

namespace fomo {

/// The parts of a picture that a framing selects.
struct PictureFraming {
  std::vector<PictureCrop> crops;   ///< one, or one per face; may extend beyond the picture
  FomoCrop crop = FOMO_CROP_CENTER; ///< the kind that was used, never FOMO_CROP_AUTO
  int faces_found = -1;             ///< -1: faces were not searched for
};

/// Whether `crop` needs a face to be found; `about_faces`: the model animates faces.
bool looks_for_faces(FomoCrop crop, bool about_faces);

/// Chooses the crops of a picture. FOMO_CROP_AUTO searches for faces if `about_faces`. Thread-safe.
/// Throws Error (FOMO_SETTINGS) when the face that `framing` requires is not found.
PictureFraming frame_picture(const Picture& picture, const FomoFraming& framing, bool about_faces);

} // namespace fomo
