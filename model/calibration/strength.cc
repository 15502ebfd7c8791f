// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/calibration/strength.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "model/calibration/deformation.h"

namespace fomo {

namespace {

double median(std::vector<double> values) {
  if (values.empty())
    return 0;
  const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The displacement of keypoint k along an axis; 0 where it is not finite.
double displacement(const KeypointSet& animated, const KeypointSet& source, size_t index) {
  const double moved = static_cast<double>(animated.value[index]) - source.value[index];
  return std::isfinite(moved) ? moved : 0;
}

void limit_values(KeypointSet& animated, const KeypointSet& source, const MotionLimits& limits) {
  std::vector<double> x, y;
  for (size_t i = 0; i + 1 < source.value.size(); i += 2) {
    x.push_back(displacement(animated, source, i));
    y.push_back(displacement(animated, source, i + 1));
  }
  const double common_x = median(x), common_y = median(y);
  const double shift = std::hypot(common_x, common_y);
  const double kept =
      shift > limits.shift ? soft_limit(shift, limits.shift, limits.most_shift) / shift : 1;
  for (size_t k = 0; k < x.size(); k++) {
    double own_x = x[k] - common_x, own_y = y[k] - common_y;
    const double apart = std::hypot(own_x, own_y);
    if (kept == 1 && apart <= limits.apart && std::isfinite(animated.value[2 * k]) &&
        std::isfinite(animated.value[2 * k + 1]))
      continue;
    if (apart > limits.apart) {
      const double factor = soft_limit(apart, limits.apart, limits.most_apart) / apart;
      own_x *= factor;
      own_y *= factor;
    }
    animated.value[2 * k] = static_cast<float>(source.value[2 * k] + kept * common_x + own_x);
    animated.value[2 * k + 1] =
        static_cast<float>(source.value[2 * k + 1] + kept * common_y + own_y);
  }
}

void limit_jacobian(float* jacobian, const float* source, const MotionLimits& limits) {
  Deformation change = deformation_between(jacobian, source);
  if (!change.proper) {
    std::copy(source, source + 4, jacobian);
    return;
  }
  const double log_stretch = std::log(limits.stretch);
  const double larger = std::log(change.stretch[0]), smaller = std::log(change.stretch[1]);
  if (std::abs(change.angle) <= limits.angle && std::abs(larger) <= log_stretch &&
      std::abs(smaller) <= log_stretch)
    return;
  change.angle = soft_limit(change.angle, limits.angle, limits.most_angle);
  const double log_most = std::log(limits.most_stretch);
  change.stretch[0] = std::exp(soft_limit(larger, log_stretch, log_most));
  change.stretch[1] = std::exp(soft_limit(smaller, log_stretch, log_most));
  deform(change, source, jacobian);
}

} // namespace

KeypointSet with_strength(const KeypointSet& animated, const KeypointSet& source, double strength) {
  if (strength == 1)
    return animated;
  KeypointSet result = animated;
  for (size_t i = 0; i < result.value.size(); i++)
    result.value[i] =
        static_cast<float>(source.value[i] + strength * (animated.value[i] - source.value[i]));
  for (size_t i = 0; i + 3 < result.jacobian.size(); i += 4) {
    const Deformation change = deformation_between(&animated.jacobian[i], &source.jacobian[i]);
    if (change.proper)
      deform(change.power(strength), &source.jacobian[i], &result.jacobian[i]);
    else
      std::copy_n(&source.jacobian[i], 4, &result.jacobian[i]);
  }
  return result;
}

KeypointSet limit_motion(const KeypointSet& animated, const KeypointSet& source,
                         const MotionLimits& limits) {
  KeypointSet result = animated;
  limit_values(result, source, limits);
  for (size_t i = 0; i + 3 < result.jacobian.size(); i += 4)
    limit_jacobian(&result.jacobian[i], &source.jacobian[i], limits);
  return result;
}

} // namespace fomo
