// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/motion/head_pose.h"
#include "model/motion/keypoints.h"
#include "model/motion/landmarks.h"

namespace fomo {

/// A landmark of the average head.
struct HeadLandmark {
  HeadPoint at;    ///< decimetres from the centre of the head's rotation
  double rigidity; ///< weight in the fit of a pose: small where expressions move the landmark
};

/// The average of MakeHuman's six young adults, which the built-in model was trained on, in the
/// order of landmark::Landmark.
extern const HeadLandmark kAverageHead[landmark::kLandmarks];

/// Whether the keypoints are those of a model whose keypoints have names (landmark::Landmark).
bool have_names(const KeypointSet& keypoints);

/// The head in a picture, and how it has moved.
struct HeadFit {
  HeadPose still; ///< in the picture
  HeadPose moved; ///< after the motion
  /// The landmarks in the head's coordinates, decimetres: the picture's keypoints with the depth of
  /// the average head.
  std::vector<HeadPoint> shape;
};

/// Fits the average head to `source`, the picture's keypoints, and the picture's own head to
/// `animated`, the same keypoints after motion transfer. Both sets need names.
HeadFit fit_head(const KeypointSet& source, const KeypointSet& animated);

} // namespace fomo
