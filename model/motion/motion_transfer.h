// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// Turns the keypoints of driving frames into those of the animated source (section 3.4 of the
/// paper; FOMM's normalize_kp). Stores the neutral pose, which relative motion starts from.
class MotionTransfer {
 public:
  /// The next driving frame becomes the neutral pose.
  void reset() { reference_ = {}; }
  bool has_reference() const { return !reference_.empty(); }

  /// Absolute motion returns the driving keypoints. Relative motion adds the movement since the
  /// neutral pose to the source's keypoints; with `adapt_scale` the movement is multiplied by
  /// movement_scale(); with `relative_jacobian` J = J_driving J_reference^-1 J_source, else J =
  /// J_driving. `source_area`: the hull_area of `source`. If there is no neutral pose, `driving`
  /// becomes the neutral pose.
  KeypointSet apply(const KeypointSet& source, double source_area, const KeypointSet& driving,
                    const FomoMotion& motion);

 private:
  void set_reference(const KeypointSet& driving);

  KeypointSet reference_;
  std::vector<float> inverse_jacobian_; // of the reference
  double reference_area_ = 0;
};

} // namespace fomo
