// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/axis.h"

#include <algorithm>
#include <cmath>

namespace fomo::compose {

namespace {

double position(int i, int in, int out) { return (i + 0.5) * in / out - 0.5; }

void append_weights(std::vector<float>& weights, float t, FourTaps::Curve curve) {
  if (curve == FourTaps::Curve::linear) {
    weights.insert(weights.end(), {0, 1 - t, t, 0});
    return;
  }
  const float t2 = t * t, t3 = t2 * t;
  weights.insert(weights.end(), {0.5F * (-t3 + 2 * t2 - t), 0.5F * (3 * t3 - 5 * t2 + 2),
                                 0.5F * (-3 * t3 + 4 * t2 + t), 0.5F * (t3 - t2)});
}

} // namespace

FourTaps::FourTaps(int in, int out, Curve curve) : in_(in) {
  for (int i = 0; i < out; i++) {
    const double at = std::clamp(position(i, in, out), -0.5, in - 0.5);
    const int left = std::min(static_cast<int>(std::floor(at)), in - 1);
    first_.push_back(left - 1 + kMargin);
    append_weights(weights_, static_cast<float>(at - left), curve);
  }
}

TwoTaps::TwoTaps(int in, int out) : in_(in) {
  for (int i = 0; i < out; i++) {
    const double at = std::clamp(position(i, in, out), 0.0, in - 1.0);
    left_.push_back(static_cast<int>(at));
    share_.push_back(static_cast<float>(at - left_.back()));
  }
}

} // namespace fomo::compose
