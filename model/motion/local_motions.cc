// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/local_motions.h"

#include "model/motion/matrix2.h"

namespace fomo {

void local_motions(const KeypointSet& source, const KeypointSet& driving, LocalMotion* motions) {
  motions[0] = {{1, 0, 0, 1}, {0, 0}};
  for (int k = 0; k < source.count; k++) {
    LocalMotion& motion = motions[k + 1];
    motion = {{1, 0, 0, 1}, {}};
    const auto at = static_cast<size_t>(k);
    if (!source.jacobian.empty() && !driving.jacobian.empty()) {
      float inverse[4];
      inverse_2x2(&driving.jacobian[4 * at], inverse);
      multiply_2x2(&source.jacobian[4 * at], inverse, motion.matrix);
    }
    const float x = driving.value[2 * at], y = driving.value[2 * at + 1];
    motion.shift[0] = source.value[2 * at] - motion_x(motion, x, y);
    motion.shift[1] = source.value[2 * at + 1] - motion_y(motion, x, y);
  }
}

} // namespace fomo
