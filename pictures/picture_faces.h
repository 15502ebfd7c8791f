// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "common/geometry.h"
#include "face/detector.h"

namespace fomo {

/// A face of a still picture and the square that is animated for it.
struct PictureFace {
  Face face;
  Square crop{};
};

/// All faces of a still picture (1, 3 or 4 channels) with their crops, framed as VoxCeleb frames
/// faces; the largest first, as `face-index` counts them. The crop of a face that leans by 10
/// degrees or more is turned by its roll. Where no face is found upright, the picture is turned by
/// a quarter, three quarters and a half turn. Throws Error when the detector is not installed.
std::vector<PictureFace> find_picture_faces(FaceDetector& detector, const ConstImage& picture);

/// As find_picture_faces(), but faster: small faces may be missing.
std::vector<PictureFace> find_large_faces(FaceDetector& detector, const ConstImage& picture);

} // namespace fomo
