// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo::train {

/// The keypoints that the built-in model learns, in its order. Left and right are the person's own.
enum Landmark {
  kLeftUpperLid,
  kLeftLowerLid,
  kRightUpperLid,
  kRightLowerLid,
  kLeftBrow,
  kRightBrow,
  kNose,
  kMouthLeft,
  kMouthRight,
  kUpperLip,
  kLowerLip,
  kChin,
  kForehead,
  kLeftEar,
  kRightEar,
  kNeck,
  kLandmarks
};

/// The first ones, on the face itself. The hull of all would make a face larger whose neck or ears
/// are seen far from it.
constexpr int kFaceLandmarks = kForehead;

/// What opens and shuts.
struct Opening {
  Landmark upper, lower;
};
constexpr Opening kEyes[] = {{kLeftUpperLid, kLeftLowerLid}, {kRightUpperLid, kRightLowerLid}};
constexpr Opening kMouth = {kUpperLip, kLowerLip};

/// The same place of a mirrored face.
constexpr int kMirrored[kLandmarks] = {kRightUpperLid, kRightLowerLid, kLeftUpperLid, kLeftLowerLid,
                                       kRightBrow,     kLeftBrow,      kNose,         kMouthRight,
                                       kMouthLeft,     kUpperLip,      kLowerLip,     kChin,
                                       kForehead,      kRightEar,      kLeftEar,      kNeck};

/// Cells along one side of the motion field of a 256x256 picture.
constexpr int kCells = 64;

/// Normalised coordinate of a pixel of 256 (centres at integers). Cell j of the motion field and of
/// the generator's features averages pixels 4j .. 4j+3, and its grid has the outermost cells at -1
/// and 1.
constexpr float normalized_from_pixel(float pixel) { return (pixel - 1.5f) / 126 - 1; }
constexpr float pixel_from_normalized(float x) { return (x + 1) * 126 + 1.5f; }

} // namespace fomo::train
