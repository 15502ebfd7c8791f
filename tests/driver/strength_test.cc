// SPDX-License-Identifier: LGPL-2.1-or-later
// Deformations, strength and the limits of motion.
#include <gtest/gtest.h>

#include "driver/calibration/deformation.h"
#include "driver/calibration/strength.h"
#include "tests/driver/poses.h"

namespace fomo::test {

namespace {

TEST(Deformation, DecomposesAndComposesMatrices) {
  std::mt19937 random(1);
  std::normal_distribution<double> entry(0, 1);
  int proper = 0;
  for (int i = 0; i < 500; i++) {
    double m[4], again[4];
    for (double& e : m)
      e = entry(random);
    const Deformation d = Deformation::of(m);
    ASSERT_EQ(d.proper, m[0] * m[3] - m[1] * m[2] > 1e-6);
    if (!d.proper)
      continue;
    proper++;
    EXPECT_GE(d.stretch[0], d.stretch[1]);
    d.to_matrix(again);
    for (int e = 0; e < 4; e++)
      EXPECT_NEAR(again[e], m[e], 1e-9);
  }
  EXPECT_GT(proper, 200);
}

TEST(Deformation, PowersOfTurningAndStretching) {
  const double turned[4] = {std::cos(0.4), -std::sin(0.4), std::sin(0.4), std::cos(0.4)};
  EXPECT_NEAR(Deformation::of(turned).power(2).angle, 0.8, 1e-12);
  const double stretched[4] = {1.5, 0.2, 0.2, 0.8};
  double half[4];
  Deformation::of(stretched).power(0.5).to_matrix(half);
  // The square root of a symmetric matrix, squared, is the matrix.
  EXPECT_NEAR(half[0] * half[0] + half[1] * half[2], 1.5, 1e-9);
  EXPECT_NEAR(half[0] * half[1] + half[1] * half[3], 0.2, 1e-9);
  EXPECT_NEAR(half[2] * half[1] + half[3] * half[3], 0.8, 1e-9);
}

TEST(SoftLimit, IsTheIdentityAndCompressesBeyond) {
  EXPECT_EQ(soft_limit(0.3, 0.5, 0.8), 0.3);
  EXPECT_EQ(soft_limit(-0.5, 0.5, 0.8), -0.5);
  EXPECT_NEAR(soft_limit(0.501, 0.5, 0.8), 0.501, 1e-5);
  EXPECT_LT(soft_limit(100, 0.5, 0.8), 0.8 + 1e-12);
  EXPECT_EQ(soft_limit(-2, 0.5, 0.8), -soft_limit(2, 0.5, 0.8));
  EXPECT_LT(soft_limit(0.7, 0.5, 0.8), soft_limit(0.71, 0.5, 0.8));
}

TEST(Strength, ZeroRestsOneKeepsTwoDoubles) {
  const KeypointSet source = some_pose(1), animated = moved(source, 0.1, -0.05, 1.1, 0.2);
  EXPECT_LT(largest_difference(with_strength(animated, source, 0), source), 1e-6);
  EXPECT_EQ(largest_difference(with_strength(animated, source, 1), animated), 0);
  // 1 is a special case in the code; values close to 1 give the same result.
  EXPECT_LT(largest_difference(with_strength(animated, source, 1.00001), animated), 1e-4);
  const KeypointSet twice = with_strength(animated, source, 2);
  for (size_t i = 0; i < source.value.size(); i++)
    EXPECT_NEAR(twice.value[i] - source.value[i], 2 * (animated.value[i] - source.value[i]), 1e-5);
  for (size_t i = 0; i < source.jacobian.size(); i += 4)
    EXPECT_NEAR(deformation_between(&twice.jacobian[i], &source.jacobian[i]).angle, 0.4, 1e-5);
}

TEST(Strength, KeepsDeterminantsPositive) {
  const KeypointSet source = some_pose(2);
  for (unsigned seed = 3; seed < 40; seed++) {
    const KeypointSet animated = moved(some_pose(seed), 0, 0, 0.4, 2.5);
    const KeypointSet twice = with_strength(animated, source, 2);
    for (size_t i = 0; i < source.jacobian.size(); i += 4)
      EXPECT_GT(determinant(&twice.jacobian[i]), 0);
  }
}

TEST(Strength, WorksWithoutJacobians) {
  KeypointSet source = some_pose(1), animated = moved(source, 0.2, 0);
  source.jacobian.clear();
  animated.jacobian.clear();
  EXPECT_NEAR(with_strength(animated, source, 0.5).value[0], source.value[0] + 0.1, 1e-6);
  EXPECT_TRUE(limit_motion(animated, source).jacobian.empty());
}

TEST(Limits, LeaveOrdinaryMotionAlone) {
  const KeypointSet source = some_pose(1), animated = moved(source, 0.2, -0.15, 1.2, 0.5);
  EXPECT_EQ(largest_difference(limit_motion(animated, source), animated), 0);
}

TEST(Limits, CompressMotionBeyondWhatFacesDo) {
  const KeypointSet source = some_pose(1);
  const MotionLimits limits;
  for (unsigned seed = 0; seed < 50; seed++) {
    std::mt19937 random(seed);
    std::normal_distribution<float> wild(0, 3);
    KeypointSet animated = source;
    for (float& value : animated.value)
      value += wild(random);
    for (float& entry : animated.jacobian)
      entry += wild(random);
    const KeypointSet kept = limit_motion(animated, source);
    for (size_t i = 0; i < source.value.size(); i += 2)
      EXPECT_LE(std::hypot(kept.value[i], kept.value[i + 1]),
                limits.most_shift + limits.most_apart + 1.3 * limits.most_scale);
    for (size_t i = 0; i < source.jacobian.size(); i += 4) {
      const Deformation d = deformation_between(&kept.jacobian[i], &source.jacobian[i]);
      ASSERT_TRUE(d.proper);
      EXPECT_LE(std::abs(d.angle), limits.most_angle + 1e-5);
      EXPECT_LE(d.stretch[0], limits.most_stretch * 1.0001);
      EXPECT_GE(d.stretch[1], 1 / (limits.most_stretch * 1.0001));
    }
  }
}

TEST(Limits, OneStrayKeypointDoesNotDragTheOthers) {
  const KeypointSet source = some_pose(1);
  KeypointSet animated = moved(source, 0.1, 0);
  animated.value[6] += 5;
  const KeypointSet kept = limit_motion(animated, source);
  EXPECT_LT(kept.value[6] - source.value[6], 0.1 + MotionLimits().most_apart + 1e-3);
  KeypointSet others = animated;
  others.value[6] = kept.value[6];
  others.value[7] = kept.value[7];
  EXPECT_EQ(largest_difference(kept, others), 0);
}

TEST(Limits, MirroredFlatAndBrokenNumbersGiveTheSource) {
  const KeypointSet source = some_pose(1);
  KeypointSet animated = source;
  animated.value[4] = std::nanf("");
  animated.value[9] = std::numeric_limits<float>::infinity();
  for (size_t j = 0; j < 4; j++) {
    animated.jacobian[j] = j % 2 == 0 ? -source.jacobian[j] : source.jacobian[j];
    animated.jacobian[4 + j] = 0;
    animated.jacobian[8 + j] = std::nanf("");
  }
  EXPECT_LT(largest_difference(limit_motion(animated, source), source), 1e-6);
}

} // namespace

} // namespace fomo::test
