// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/network/motion_transfer.h"

#include <ATen/ATen.h>

namespace fomo {

Keypoints transfer_motion(const Keypoints& source, const Keypoints& driving,
                          const Keypoints& reference, const FomoMotion& motion, double scale) {
  if (!motion.relative)
    return driving;
  Keypoints result = driving;
  result.value =
      (driving.value - reference.value) * (motion.adapt_scale ? scale : 1.0) + source.value;
  if (motion.relative_jacobian && driving.jacobian.defined())
    result.jacobian =
        at::matmul(at::matmul(driving.jacobian, inverse_2x2(reference.jacobian)), source.jacobian);
  return result;
}

} // namespace fomo
