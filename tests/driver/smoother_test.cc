// SPDX-License-Identifier: LGPL-2.1-or-later
// Keypoint smoothing, measured on synthetic drivers.
#include <gtest/gtest.h>

#include "driver/calibration/keypoint_smoother.h"
#include "tests/driver/poses.h"

namespace fomo::test {

namespace {

using Path = std::vector<KeypointSet>;

/// A driver whose keypoints move together along `x` (per frame), with noise on values and
/// Jacobians.
Path noisy_path(const std::vector<double>& x, double noise, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> jitter(0, static_cast<float>(noise));
  Path path;
  for (double shift : x) {
    KeypointSet pose = moved(some_pose(7), shift, 0);
    for (float& value : pose.value)
      value += jitter(random);
    for (float& entry : pose.jacobian)
      entry += 4 * jitter(random);
    path.push_back(pose);
  }
  return path;
}

Path smoothed(const Path& path, double amount, double rate) {
  KeypointSmoother smoother;
  smoother.set_amount(amount);
  Path result;
  for (const KeypointSet& pose : path)
    result.push_back(smoother.update(pose, 1 / rate));
  return result;
}

/// Root mean square of the change from frame to frame, after the first second.
template<typename Member>
double jitter(const Path& path, Member member) {
  double sum = 0;
  size_t count = 0;
  for (size_t t = 30; t < path.size(); t++)
    for (size_t i = 0; i < (path[t].*member).size(); i++, count++)
      sum += std::pow((path[t].*member)[i] - (path[t - 1].*member)[i], 2);
  return std::sqrt(sum / static_cast<double>(count));
}

/// The lag of the keypoints' mean x behind `x`, in frames: the shift of least squared difference.
double lag_of(const Path& path, const std::vector<double>& x) {
  std::vector<double> seen;
  for (const KeypointSet& pose : path) {
    double mean = 0;
    for (size_t i = 0; i < pose.value.size(); i += 2)
      mean += pose.value[i] / pose.count;
    seen.push_back(mean);
  }
  double seen_mean = 0, mean = 0;
  for (size_t t = 0; t < x.size(); t++) {
    seen_mean += seen[t] / static_cast<double>(x.size());
    mean += x[t] / static_cast<double>(x.size());
  }
  double best_lag = 0, least = std::numeric_limits<double>::infinity();
  for (double lag = -3; lag <= 6; lag += 0.05) {
    double sum = 0;
    for (size_t t = 10; t + 10 < x.size(); t++) {
      const double at = static_cast<double>(t) - lag;
      const auto before = static_cast<size_t>(std::floor(at));
      const double share = at - static_cast<double>(before);
      const double expected = (1 - share) * x[before] + share * x[before + 1];
      sum += std::pow(seen[t] - seen_mean - (expected - mean), 2);
    }
    if (sum < least) {
      least = sum;
      best_lag = lag;
    }
  }
  return best_lag;
}

std::vector<double> swinging(double extent, double per_second, double rate) {
  std::vector<double> x;
  for (int t = 0; t < 400; t++)
    x.push_back(extent * std::sin(2 * M_PI * per_second * t / rate));
  return x;
}

TEST(Smoother, HalvesTheJitterOfAStillDriver) {
  const std::vector<double> still(400, 0.0);
  for (double rate : {15.0, 25.0, 60.0}) {
    for (double noise : {0.001, 0.003, 0.006}) {
      const Path raw = noisy_path(still, noise, 1);
      const Path calm = smoothed(raw, KeypointSmoother::default_amount, rate);
      EXPECT_LE(jitter(calm, &KeypointSet::value), 0.5 * jitter(raw, &KeypointSet::value))
          << rate << " frames/s, noise " << noise;
      EXPECT_LE(jitter(calm, &KeypointSet::jacobian), 0.5 * jitter(raw, &KeypointSet::jacobian))
          << rate << " frames/s, noise " << noise;
    }
  }
}

TEST(Smoother, AddsAtMostAFrameOfLag) {
  for (double rate : {25.0, 60.0})
    for (double noise : {0.0005, 0.003, 0.006})
      for (double extent : {0.03, 0.1, 0.25})
        for (double per_second : {0.3, 1.0, 2.0}) {
          const std::vector<double> x = swinging(extent, per_second, rate);
          const Path calm =
              smoothed(noisy_path(x, noise, 2), KeypointSmoother::default_amount, rate);
          EXPECT_LE(lag_of(calm, x), 1.0) << rate << " frames/s, noise " << noise << ", extent "
                                          << extent << ", " << per_second << " Hz";
        }
}

TEST(Smoother, ASuddenMovePassesAtOnce) {
  std::vector<double> x(120, 0.0);
  std::fill(x.begin() + 60, x.end(), 0.1);
  const Path calm = smoothed(noisy_path(x, 0.002, 3), KeypointSmoother::default_amount, 25);
  EXPECT_NEAR(calm[60].value[0] - calm[59].value[0], 0.1, 0.015);
}

TEST(Smoother, AHigherSettingSmoothsMore) {
  const Path raw = noisy_path(std::vector<double>(300, 0.0), 0.003, 4);
  double before = jitter(raw, &KeypointSet::value);
  for (double amount : {0.25, 0.5, 0.75, 1.0}) {
    const double now = jitter(smoothed(raw, amount, 25), &KeypointSet::value);
    EXPECT_LT(now, before) << amount;
    before = now;
  }
}

TEST(Smoother, ZeroChangesNothing) {
  const Path raw = noisy_path(swinging(0.1, 1, 25), 0.003, 5);
  const Path same = smoothed(raw, 0, 25);
  for (size_t t = 0; t < raw.size(); t++)
    EXPECT_EQ(largest_difference(raw[t], same[t]), 0);
}

TEST(Smoother, StartsAnewAfterAResetOrWithOtherKeypoints) {
  KeypointSmoother smoother;
  smoother.update(some_pose(1), 0.04);
  smoother.update(some_pose(1), 0.04);
  smoother.reset();
  EXPECT_EQ(largest_difference(smoother.update(some_pose(2), 0.04), some_pose(2)), 0);
  KeypointSet fewer = some_pose(3);
  fewer.count = 5;
  fewer.value.resize(10);
  fewer.jacobian.clear();
  EXPECT_EQ(largest_difference(smoother.update(fewer, 0.04), fewer), 0);
}

} // namespace

} // namespace fomo::test
