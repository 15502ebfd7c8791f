// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/motion/keypoints.h"

namespace fomo {

/// Whether all values and Jacobians are finite numbers.
bool is_finite(const KeypointSet& keypoints);

/// What is known about how well a driving frame was understood.
struct FrameEvidence {
  /// The largest value of each keypoint's heatmap after the softmax, 0 to 1; empty: not known.
  std::vector<float> peaks;
  /// The detector's and tracker's confidence in the face, 0 to 1; negative: nobody looked.
  double face = -1;
};

/// How far a driving frame can be trusted, 0 to 1, judged against the reference frame of the same
/// video and the picture, as far as they are known: the least of
/// - the face's own confidence;
/// - how sharp the heatmaps' peaks are: 1 down to 0.6 of the reference's (the lower quartile of all
///   keypoints), 0 at 0.2 of it;
/// - how little the Jacobians' determinants have changed: 1 up to a factor of 2 (mean over
/// keypoints of
///   the logarithm's absolute value), 0 at a factor of 5; a mirrored one counts as a factor of 20;
/// - where a face is followed, how near its pose is to the reference's or the picture's, whichever
/// is
///   nearer: 1 up to a pose_distance of 0.6, 0 at 1.4, where keypoints have lost their places.
/// The numbers are from clips of talking heads with the built-in model: there the first three stay
/// above 0.65, below a factor of 1.3 and below 0.15, and a face covered by a hand passes them at
/// once.
double frame_confidence(const KeypointSet& driving, const FrameEvidence& evidence,
                        const KeypointSet& reference, const FrameEvidence& reference_evidence,
                        const KeypointSet& source);

} // namespace fomo
