// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "driver/calibration/deformation.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// Cross-fades from one sequence of keypoints to another, at a change of the reference or of the
/// presence of the face. The difference of the two at the change is added to the new sequence as an
/// offset that fades to zero.
class PoseCrossFade {
 public:
  static constexpr double default_duration = 0.5; ///< seconds

  /// Starts a cross-fade. For the same frame, `from` is the old sequence and `to` the new one. A
  /// running cross-fade is replaced; `from` should be its result. `duration`: seconds.
  void start(const KeypointSet& from, const KeypointSet& to, double duration = default_duration);
  void stop() { left_ = 0; }
  bool active() const { return left_ > 0; }

  /// Returns the new sequence's keypoints plus what is left of the offset. `seconds`: the time
  /// since the last call; 0 for the frame of `start`. The offset falls from 1 to 0 with zero slope
  /// at both ends.
  KeypointSet apply(const KeypointSet& keypoints, double seconds);

 private:
  std::vector<double> offset_;
  std::vector<Deformation> deformation_;
  double duration_ = default_duration; ///< seconds
  double left_ = 0;                    ///< seconds until the end; 0: no cross-fade
};

} // namespace fomo
