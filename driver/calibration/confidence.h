// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/motion/keypoints.h"

namespace fomo {

/// Whether all values and Jacobians of the keypoints are finite numbers.
bool is_finite(const KeypointSet& keypoints);

/// Evidence of how reliable the keypoints of a driving frame are.
struct FrameEvidence {
  /// The largest value of each keypoint's heatmap after the softmax, 0 to 1; empty: unknown.
  std::vector<float> peaks;
  /// The tracker's confidence in the face, 0 to 1; negative: no face is followed.
  double face = -1;
};

/// The confidence in the keypoints of a driving frame, 0 to 1. They are compared with those of the
/// reference frame of the same video and of the source picture. An empty reference counts as equal.
/// The result is the minimum of these four values:
///
/// - The tracker's confidence in the face.
///
/// - Peaks of the heatmaps, relative to the reference's (the lower quartile of all keypoints):
///   1 from 0.6 upwards, 0 at 0.2.
///
/// - Change of the Jacobians' determinants (mean of the absolute logarithm of the ratio): 1 up to a
///   factor of 2, 0 at a factor of 5. A mirrored Jacobian counts as a factor of 20.
///
/// - If a face is followed: pose_distance to the reference or the source, whichever is smaller:
///   1 up to 0.6, 0 at 1.4.
///
/// The thresholds come from clips of talking heads with the built-in model. In them, the peaks stay
/// above 0.65, the determinants below a factor of 1.3 and the pose distance below 0.15; a hand over
/// the face exceeds all three at once.
double frame_confidence(const KeypointSet& driving, const FrameEvidence& evidence,
                        const KeypointSet& reference, const FrameEvidence& reference_evidence,
                        const KeypointSet& source);

} // namespace fomo
