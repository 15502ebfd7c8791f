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

/// The faces of a still picture (1, 3 or 4 channels), the largest first as `face-index` counts
/// them, each framed as VoxCeleb frames faces; empty where there is none. Throws Error when the
/// detector is not installed.
std::vector<PictureFace> find_picture_faces(FaceDetector& detector, const ConstImage& picture);

/// The same by size for those who want the largest: small ones may be missing.
std::vector<PictureFace> find_large_faces(FaceDetector& detector, const ConstImage& picture);

} // namespace fomo
