// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/keypoint_smoother.h"

#include <algorithm>
#include <cmath>

namespace fomo {

namespace {

// Range of the estimated noise (standard deviation) of values in [-1, 1]: the minimum, and the
// ratio of the maximum to the minimum.
constexpr double least_noise = 0.0005, noise_range = 12;
constexpr double jacobian_noise_ratio = 4; ///< noise of Jacobian entries relative to values
constexpr double drift_share_at_25 = 0.2;  ///< weight of the latest change in `drift`, at 25 fps
// A change, in standard deviations of the noise, is noise below the first value and motion above
// the second.
constexpr double noise_until = 2.5, motion_from = 5.0;

double length_of(const double* values, int size) {
  double sum = 0;
  for (int i = 0; i < size; i++)
    sum += values[i] * values[i];
  return std::sqrt(sum);
}

double smooth_step(double value, double from, double to) {
  const double x = std::clamp((value - from) / (to - from), 0.0, 1.0);
  return x * x * (3 - 2 * x);
}

/// Updates an estimate of the noise (standard deviation along one axis) from the Euclidean norm
/// `difference` of a second difference of `size` numbers. The estimate rises slowly and falls
/// quickly, because motion only increases the second difference.
double updated_noise(double noise, double difference, int size, double floor_noise,
                     double seconds) {
  constexpr double rise_time = 1.5, fall_time = 0.3; // seconds
  // Because of the different times the estimate settles below the mean, by these factors for
  // vectors of 2 and of 4 numbers.
  const double bias = size == 2 ? 0.6 : 0.73;
  // The second difference of white noise has sqrt(6) times its deviation, in each of `size` axes.
  const double seen = std::min(difference / std::sqrt(6.0 * size) / bias, 3 * noise);
  const double share = 1 - std::exp(-seconds / (seen > noise ? rise_time : fall_time));
  return std::clamp(noise + share * (seen - noise), floor_noise, noise_range * floor_noise);
}

/// The weight for a frame of `seconds` that has the same effect over time as `share_at_25` at 25
/// frames per second.
double share_of(double share_at_25, double seconds) {
  return 1 - std::pow(1 - share_at_25, 25 * seconds);
}

/// The share of a change that is applied although it looks like noise: 1 at amount 0, 0.15 at 0.5,
/// 0.05 at 1, each at 25 frames per second.
double least_taken(double amount, double seconds) {
  const double at_25 =
      amount <= 0.5 ? std::pow(0.15, 2 * amount) : 0.15 * std::pow(1.0 / 3, 2 * amount - 1);
  return share_of(std::min(at_25, 0.999), seconds);
}

} // namespace

void KeypointSmoother::set_amount(double amount) { amount_ = std::clamp(amount, 0.0, 1.0); }

void KeypointSmoother::observe(const std::vector<float>& values, const std::vector<float>& smoothed,
                               int size, double floor_noise, double seconds, Track& track) {
  constexpr double initial_noise_ratio = 4;
  const size_t count = values.size() / size;
  if (track.noise.size() != count) {
    track.noise.assign(count, initial_noise_ratio * floor_noise);
    track.drift.assign(values.size(), 0.0);
  }
  const double share = share_of(drift_share_at_25, seconds);
  for (size_t i = 0; i < values.size(); i++)
    track.drift[i] += share * (static_cast<double>(values[i]) - smoothed[i] - track.drift[i]);
  for (size_t k = 0; k < count && !track.before.empty(); k++) {
    double second[4];
    for (int i = 0; i < size; i++) {
      const size_t at = k * size + i;
      second[i] = values[at] - 2.0 * track.last[at] + track.before[at];
    }
    track.noise[k] =
        updated_noise(track.noise[k], length_of(second, size), size, floor_noise, seconds);
  }
  track.before = std::move(track.last);
  track.last = values;
}

void KeypointSmoother::smooth(const std::vector<float>& values, std::vector<float>& smoothed,
                              int size, double floor_noise, double seconds, Track& track) const {
  if (values.empty())
    return;
  observe(values, smoothed, size, floor_noise, seconds, track);
  const size_t count = values.size() / size;
  const double axes = std::sqrt(size / 2.0);
  // Means of noise over time and over keypoints have smaller deviations than the noise itself.
  const double share = share_of(drift_share_at_25, seconds);
  const double drift_noise = axes * std::sqrt(share / (2 - share));
  double common[4] = {}, mean_noise = 0;
  for (size_t i = 0; i < values.size(); i++)
    common[i % size] += track.drift[i] / static_cast<double>(count);
  for (double noise : track.noise)
    mean_noise += noise / static_cast<double>(count);
  const double common_evidence =
      length_of(common, size) * std::sqrt(static_cast<double>(count)) / (mean_noise * drift_noise);
  const double least = least_taken(amount_, seconds), scale = amount_ / default_amount;
  for (size_t k = 0; k < count; k++) {
    double change[4];
    for (int i = 0; i < size; i++)
      change[i] = static_cast<double>(values[k * size + i]) - smoothed[k * size + i];
    const double noise = track.noise[k];
    const double evidence = std::max(
        {length_of(change, size) / (noise * axes),
         length_of(&track.drift[k * size], size) / (noise * drift_noise), common_evidence});
    const double moves = smooth_step(evidence, noise_until * scale, motion_from * scale);
    const double taken = least + (1 - least) * moves;
    for (int i = 0; i < size; i++)
      smoothed[k * size + i] += static_cast<float>(taken * change[i]);
  }
}

KeypointSet KeypointSmoother::update(const KeypointSet& keypoints, double seconds) {
  constexpr double longest_step = 1;
  if (amount_ <= 0 || last_.count != keypoints.count ||
      last_.jacobian.size() != keypoints.jacobian.size()) {
    last_ = keypoints;
    value_ = {keypoints.value, {}, {}, {}};
    jacobian_ = {keypoints.jacobian, {}, {}, {}};
    return last_;
  }
  const double step = std::clamp(seconds, 0.0, longest_step);
  smooth(keypoints.value, last_.value, 2, least_noise, step, value_);
  smooth(keypoints.jacobian, last_.jacobian, 4, jacobian_noise_ratio * least_noise, step,
         jacobian_);
  return last_;
}

} // namespace fomo
