// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/strength.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "driver/calibration/deformation.h"

namespace fomo {

namespace {

using Complex = std::complex<double>; // a point or displacement x + i y

/// A similarity transform that all keypoints have in common: the point z goes to
/// middle + shift + turn (z - middle), where `middle` is the mean of the source's keypoints.
struct CommonMotion {
  Complex middle, shift, turn{1, 0};

  Complex operator()(const Complex& point) const {
    return middle + shift + turn * (point - middle);
  }
};

/// The weighted least-squares fit of a similarity transform.
CommonMotion fit(const std::vector<Complex>& from, const std::vector<Complex>& to,
                 const std::vector<double>& weights) {
  constexpr double no_spread = 1e-9;
  Complex from_mean, to_mean, product;
  double total = 0, spread = 0;
  for (size_t k = 0; k < from.size(); k++) {
    from_mean += weights[k] * from[k];
    to_mean += weights[k] * to[k];
    total += weights[k];
  }
  from_mean /= total;
  to_mean /= total;
  for (size_t k = 0; k < from.size(); k++) {
    product += weights[k] * std::conj(from[k] - from_mean) * (to[k] - to_mean);
    spread += weights[k] * std::norm(from[k] - from_mean);
  }
  CommonMotion motion;
  motion.middle = from_mean;
  motion.shift = to_mean - from_mean;
  if (spread > no_spread * total)
    motion.turn = product / spread;
  return motion;
}

/// The similarity transform with the least sum of absolute distances, which outliers hardly affect;
/// by iteratively reweighted least squares.
CommonMotion common_motion(const std::vector<Complex>& from, const std::vector<Complex>& to) {
  constexpr int rounds = 12;
  constexpr double close = 1e-3;
  std::vector<double> weights(from.size(), 1.0);
  CommonMotion motion = fit(from, to, weights);
  for (int round = 0; round < rounds; round++) {
    for (size_t k = 0; k < from.size(); k++)
      weights[k] = 1 / std::max(std::abs(to[k] - motion(from[k])), close);
    motion = fit(from, to, weights);
  }
  return motion;
}

/// soft_limit of the vector's length.
Complex shortened(const Complex& vector, double from, double to) {
  const double length = std::abs(vector);
  return length > from ? vector * (soft_limit(length, from, to) / length) : vector;
}

CommonMotion limited(const CommonMotion& motion, const MotionLimits& limits) {
  constexpr double vanished = 1e-3;
  CommonMotion result = motion;
  result.shift = shortened(motion.shift, limits.shift, limits.most_shift);
  const double scale = std::log(std::max(std::abs(motion.turn), vanished));
  result.turn =
      std::polar(std::exp(soft_limit(scale, std::log(limits.scale), std::log(limits.most_scale))),
                 soft_limit(std::arg(motion.turn), limits.angle, limits.most_angle));
  return result;
}

bool within(const CommonMotion& motion, const MotionLimits& limits) {
  return std::abs(motion.shift) <= limits.shift &&
         std::abs(std::arg(motion.turn)) <= limits.angle && std::abs(motion.turn) <= limits.scale &&
         std::abs(motion.turn) >= 1 / limits.scale;
}

void limit_values(KeypointSet& animated, const KeypointSet& source, const MotionLimits& limits) {
  std::vector<Complex> from, to;
  std::vector<bool> broken;
  for (size_t i = 0; i + 1 < source.value.size(); i += 2) {
    from.emplace_back(source.value[i], source.value[i + 1]);
    const Complex moved(animated.value[i], animated.value[i + 1]);
    broken.push_back(!std::isfinite(moved.real()) || !std::isfinite(moved.imag()));
    to.push_back(broken.back() ? from.back() : moved);
  }
  if (from.empty())
    return;
  const CommonMotion common = common_motion(from, to), kept = limited(common, limits);
  const bool ordinary = within(common, limits);
  for (size_t k = 0; k < from.size(); k++) {
    const Complex own = to[k] - common(from[k]);
    if (ordinary && std::abs(own) <= limits.apart && !broken[k])
      continue;
    const Complex place = kept(from[k]) + shortened(own, limits.apart, limits.most_apart);
    animated.value[2 * k] = static_cast<float>(place.real());
    animated.value[2 * k + 1] = static_cast<float>(place.imag());
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
