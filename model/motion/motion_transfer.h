// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "api/engine_api.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// Turns the keypoints of driving frames into those of the animated source (section 3.4 of the
/// paper; FOMM's normalize_kp), remembering the neutral pose that relative motion counts from.
class MotionTransfer {
 public:
  /// The next driving frame becomes the neutral pose.
  void reset() { reference_ = {}; }
  bool has_reference() const { return !reference_.empty(); }

  /// Absolute: the driving keypoints. Relative: the movement since the neutral pose, scaled by the
  /// ratio of the hulls where `adapt_scale`, applied to the source's keypoints; with relative
  /// Jacobians also J = J_driving J_reference^-1 J_source. `source_area` is the hull_area of
  /// `source`.
  KeypointSet apply(const KeypointSet& source, double source_area, const KeypointSet& driving,
                    const FomoMotion& motion);

 private:
  void set_reference(const KeypointSet& driving);

  KeypointSet reference_;
  std::vector<float> inverse_jacobian_; // of the reference, once per reference
  double reference_area_ = 0;
};

} // namespace fomo
