// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/motion/keypoints.h"

namespace fomo {

/// Removes jitter from keypoints without delaying motion. The noise of each keypoint and of each
/// Jacobian is estimated from the second differences of its path, which motion hardly affects. A
/// change within the noise is averaged; a larger change is motion and passes unchanged.
class KeypointSmoother {
 public:
  static constexpr double default_amount = 0.5;

  /// Strength of the smoothing, 0 (none) to 1 (as steady as possible).
  void set_amount(double amount);
  /// Forgets the past: the next frame is not smoothed. For cuts and other faces.
  void reset() { last_ = {}; }
  /// Returns the smoothed keypoints of the next frame, `seconds` after the previous frame.
  KeypointSet update(const KeypointSet& keypoints, double seconds);

 private:
  /// The history of one quantity (values or Jacobians) of all keypoints.
  struct Track {
    std::vector<float> last, before; ///< the last two raw values
    std::vector<double> noise;       ///< estimated standard deviation along one axis
    std::vector<double> drift;       ///< running mean of raw minus smoothed value; near 0 for noise
  };

  static void observe(const std::vector<float>& values, const std::vector<float>& smoothed,
                      int size, double floor_noise, double seconds, Track& track);
  void smooth(const std::vector<float>& values, std::vector<float>& smoothed, int size,
              double floor_noise, double seconds, Track& track) const;

  double amount_ = default_amount;
  KeypointSet last_; ///< the smoothed keypoints of the last frame
  Track value_, jacobian_;
};

} // namespace fomo
