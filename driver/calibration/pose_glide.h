// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "driver/calibration/deformation.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// Hides a jump of the animated keypoints, where another reference pose or a returning face would
/// show one: what the jump would have been is kept as an offset and faded out, while motion goes
/// on.
class PoseGlide {
 public:
  static constexpr double default_duration = 0.5; ///< seconds

  /// From this frame on the keypoints are `to` and not, as the last frame's motion would have had
  /// it, `from`. A glide under way is replaced: `from` should include it.
  void start(const KeypointSet& from, const KeypointSet& to, double duration = default_duration);
  void stop() { left_ = 0; }
  bool active() const { return left_ > 0; }

  /// The keypoints of a frame `seconds` after the last one, with what is left of the offset: all of
  /// it right after `start` with 0 seconds. The offset dies away with zero slope at both ends.
  KeypointSet apply(const KeypointSet& keypoints, double seconds);

 private:
  std::vector<double> offset_;
  std::vector<Deformation> deformation_;
  double duration_ = default_duration, left_ = 0;
};

} // namespace fomo
