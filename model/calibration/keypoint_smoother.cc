// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/calibration/keypoint_smoother.h"

#include <algorithm>
#include <cmath>

namespace fomo {

namespace {

// Least and most noise that is believed: what is more is motion. Of values in [-1, 1].
constexpr double least_noise = 0.0005, most_over_least = 12;
constexpr double jacobian_noise_ratio = 4; ///< of Jacobians' entries to values
// A change of so many standard deviations is noise up to the first and motion from the second.
constexpr double noise_until = 2.5, motion_from = 5.0;

double length_of(const float* values, int size) {
  double sum = 0;
  for (int i = 0; i < size; i++)
    sum += static_cast<double>(values[i]) * values[i];
  return std::sqrt(sum);
}

double smooth_step(double value, double from, double to) {
  const double x = std::clamp((value - from) / (to - from), 0.0, 1.0);
  return x * x * (3 - 2 * x);
}

/// Follows the noise (standard deviation along one axis) that the second difference of `size`
/// numbers bears witness of: slowly up, quickly down, since motion only ever adds to it.
double updated_noise(double noise, double difference, int size, double floor_noise,
                     double seconds) {
  constexpr double rises = 1.5, falls = 0.3; // seconds
  // The second difference of white noise has sqrt(6) times its deviation, in each of `size` axes.
  const double seen = std::min(difference / std::sqrt(6.0 * size), 3 * noise);
  const double share = 1 - std::exp(-seconds / (seen > noise ? rises : falls));
  return std::clamp(noise + share * (seen - noise), floor_noise, most_over_least * floor_noise);
}

} // namespace

void KeypointSmoother::set_amount(double amount) { amount_ = std::clamp(amount, 0.0, 1.0); }

void KeypointSmoother::smooth(std::vector<float>& values, std::vector<float>& smoothed, int size,
                              double floor_noise, double seconds, Track& track) const {
  constexpr double initial_noise_ratio = 4;
  const size_t count = values.size() / size;
  if (track.noise.size() != count)
    track.noise.assign(count, initial_noise_ratio * floor_noise);
  // How much of a change that looks like noise is taken: all at 0, 15% at 0.5, 5% at 1 (at 25
  // frames a second; over the same time as much at any other rate).
  const double taken_at_25 =
      amount_ <= 0.5 ? std::pow(0.15, 2 * amount_) : 0.15 * std::pow(1.0 / 3, 2 * amount_ - 1);
  const double least_taken = 1 - std::pow(1 - std::min(taken_at_25, 0.999999), 25 * seconds);
  const double scale = amount_ / default_amount;
  for (size_t k = 0; k < count; k++) {
    float change[4], second[4];
    for (int i = 0; i < size; i++) {
      const size_t at = k * size + i;
      change[i] = values[at] - smoothed[at];
      second[i] = track.before.empty() ? 0 : values[at] - 2 * track.last[at] + track.before[at];
    }
    if (!track.before.empty())
      track.noise[k] =
          updated_noise(track.noise[k], length_of(second, size), size, floor_noise, seconds);
    const double noises = length_of(change, size) / (track.noise[k] * std::sqrt(size / 2.0));
    const double moves = smooth_step(noises, noise_until * scale, motion_from * scale);
    const double taken = amount_ > 0 ? least_taken + (1 - least_taken) * moves : 1;
    for (int i = 0; i < size; i++)
      smoothed[k * size + i] += static_cast<float>(taken) * change[i];
  }
  track.before = std::move(track.last);
  track.last = values;
}

KeypointSet KeypointSmoother::update(const KeypointSet& keypoints, double seconds) {
  constexpr double longest_step = 1;
  if (last_.count != keypoints.count || last_.jacobian.size() != keypoints.jacobian.size()) {
    last_ = keypoints;
    value_ = {keypoints.value, {}, {}};
    jacobian_ = {keypoints.jacobian, {}, {}};
    return last_;
  }
  const double step = std::clamp(seconds, 0.0, longest_step);
  KeypointSet raw = keypoints;
  smooth(raw.value, last_.value, 2, least_noise, step, value_);
  smooth(raw.jacobian, last_.jacobian, 4, jacobian_noise_ratio * least_noise, step, jacobian_);
  if (amount_ <= 0)
    last_ = keypoints;
  return last_;
}

} // namespace fomo
