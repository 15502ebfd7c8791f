// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/motion/keypoints.h"

namespace fomo {

/// Takes the jitter out of keypoints without delaying motion. Each keypoint (and each Jacobian)
/// learns how large its own noise is, from the second differences of its path, which motion hardly
/// shows in. A change within that noise is averaged away; one beyond it is motion and passes at
/// once.
class KeypointSmoother {
 public:
  static constexpr double default_amount = 0.5;

  /// 0: keypoints pass as they are; 1: as steady as can be.
  void set_amount(double amount);
  /// The next frame passes as it is (a cut, another face).
  void reset() { last_ = {}; }
  /// The smoothed keypoints of the next frame, `seconds` after the one before.
  KeypointSet update(const KeypointSet& keypoints, double seconds);

 private:
  /// One quantity of every keypoint: its last two raw values, its noise, and the mean of its latest
  /// changes, which noise leaves near 0.
  struct Track {
    std::vector<float> last, before;
    std::vector<double> noise, drift;
  };

  static void observe(const std::vector<float>& values, const std::vector<float>& smoothed,
                      int size, double floor_noise, double seconds, Track& track);
  void smooth(const std::vector<float>& values, std::vector<float>& smoothed, int size,
              double floor_noise, double seconds, Track& track) const;

  double amount_ = default_amount;
  KeypointSet last_; ///< smoothed
  Track value_, jacobian_;
};

} // namespace fomo
