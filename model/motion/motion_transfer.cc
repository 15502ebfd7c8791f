// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/motion_transfer.h"

#include "model/motion/matrix2.h"

namespace fomo {

void MotionTransfer::set_reference(const KeypointSet& driving) {
  reference_ = driving;
  reference_area_ = hull_area(driving);
  inverse_jacobian_.resize(driving.jacobian.size());
  for (size_t i = 0; i < driving.jacobian.size(); i += 4)
    inverse_2x2(&driving.jacobian[i], &inverse_jacobian_[i]);
}

KeypointSet MotionTransfer::apply(const KeypointSet& source, double source_area,
                                  const KeypointSet& driving, const FomoMotion& motion) {
  if (!has_reference())
    set_reference(driving);
  KeypointSet result = driving;
  if (!motion.relative)
    return result;
  const auto scale =
      static_cast<float>(motion.adapt_scale ? movement_scale(source_area, reference_area_) : 1.0);
  for (size_t i = 0; i < result.value.size(); i++)
    result.value[i] = (driving.value[i] - reference_.value[i]) * scale + source.value[i];
  if (motion.relative_jacobian) {
    for (size_t i = 0; i < result.jacobian.size(); i += 4) {
      float since_reference[4];
      multiply_2x2(&driving.jacobian[i], &inverse_jacobian_[i], since_reference);
      multiply_2x2(since_reference, &source.jacobian[i], &result.jacobian[i]);
    }
  }
  return result;
}

} // namespace fomo
