// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo::landmark {

/// The keypoints of a model whose keypoints have names, in their order: the built-in model's. Left
/// and right are the person's own.
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

/// Number of landmarks on the face itself, which come first. Their hull gives the size of a face.
/// The hull of all landmarks would be too large where neck or ears lie far from the face.
constexpr int kFaceLandmarks = kForehead;

/// Whether a model's keypoints are the landmarks above. A model says so by the number of its
/// keypoints (`count`), of those on the face (`on_face`), and by the index of its first keypoint of
/// the mouth and of the ears.
constexpr bool are_keypoints(int count, int on_face, int first_mouth, int first_ear) {
  return count == kLandmarks && on_face == kFaceLandmarks && first_mouth == kMouthLeft &&
         first_ear == kLeftEar;
}

} // namespace fomo::landmark
