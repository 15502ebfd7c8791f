// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/motion/landmarks.h"

namespace fomo::train {

using namespace landmark; // the keypoints that the built-in model learns

/// The two edges of an eye or of the mouth.
struct Opening {
  Landmark upper, lower;
};
constexpr Opening kEyes[] = {{kLeftUpperLid, kLeftLowerLid}, {kRightUpperLid, kRightLowerLid}};
constexpr Opening kMouth = {kUpperLip, kLowerLip};

/// The landmark that takes each landmark's place when a face is mirrored.
constexpr int kMirrored[kLandmarks] = {kRightUpperLid, kRightLowerLid, kLeftUpperLid, kLeftLowerLid,
                                       kRightBrow,     kLeftBrow,      kNose,         kMouthRight,
                                       kMouthLeft,     kUpperLip,      kLowerLip,     kChin,
                                       kForehead,      kRightEar,      kLeftEar,      kNeck};

/// Cells along one side of the motion field of a 256x256 picture.
constexpr int kCells = 64;

/// Normalised coordinate of a pixel of a 256x256 picture (pixel centres at integers). Cell j of the
/// motion field and of the generator's features averages the pixels 4j .. 4j+3. The outermost cells
/// lie at -1 and 1.
constexpr float normalized_from_pixel(float pixel) { return (pixel - 1.5f) / 126 - 1; }
constexpr float pixel_from_normalized(float x) { return (x + 1) * 126 + 1.5f; }

} // namespace fomo::train
