// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

namespace fomo::compose {

/// 0 up to `from`, 1 from `to` on, and linear in between.
inline float ramp(float x, float from, float to) {
  return std::clamp((x - from) / (to - from), 0.0F, 1.0F);
}

/// 0 up to `from`, 1 from `to` on, and 3t² - 2t³ in between.
inline float smooth_step(float x, float from, float to) {
  const float t = ramp(x, from, to);
  return t * t * (3 - 2 * t);
}

} // namespace fomo::compose
