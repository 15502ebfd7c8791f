// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/head_motion.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "model/motion/head_fit.h"

namespace fomo {
namespace {

constexpr int kCells = 64;

/// The average head in the middle of the picture, turned.
HeadPose pose(const Turn& turn) {
  HeadPose pose;
  pose.turn = turn;
  pose.scale = 0.45;
  pose.y = 0.35;
  return pose;
}

KeypointSet keypoints_of(const HeadPose& pose) {
  KeypointSet keypoints;
  keypoints.count = landmark::kLandmarks;
  keypoints.on_face = landmark::kFaceLandmarks;
  keypoints.first_mouth = landmark::kMouthLeft;
  keypoints.first_ear = landmark::kLeftEar;
  for (const HeadLandmark& mark : kAverageHead) {
    const HeadPoint place = project(pose, mark.at);
    keypoints.value.push_back(static_cast<float>(place.x));
    keypoints.value.push_back(static_cast<float>(place.y));
  }
  return keypoints;
}

/// A dense motion without motion, and what HeadMotion makes of it.
struct Motion {
  std::vector<float> deformation, background;

  explicit Motion(float behind = 0) : background(size_t{kCells} * kCells, behind) {
    for (int y = 0; y < kCells; y++)
      for (int x = 0; x < kCells; x++) {
        deformation.push_back(cell_coordinate(x, kCells));
        deformation.push_back(cell_coordinate(y, kCells));
      }
  }

  /// How far (x, y) of the driving frame lies from its place in the source, sideways.
  float sideways(const HeadPoint& at) const {
    const auto cell = [](double value) { return std::lround((value + 1) / 2 * (kCells - 1)); };
    const auto column = static_cast<int>(cell(at.x));
    return cell_coordinate(column, kCells) - deformation[2 * (kCells * cell(at.y) + column)];
  }
};

TEST(HeadMotion, KeepsAHeadAtRestAtRest) {
  const KeypointSet source = keypoints_of(pose(turn_by(0.2, 0, 0.1)));
  Motion motion;
  HeadMotion head(kCells, kCells);
  ASSERT_TRUE(head.prepare(source, source));
  head.apply(motion.deformation.data(), motion.background.data());
  const Motion before;
  for (size_t i = 0; i < motion.deformation.size(); i++)
    EXPECT_NEAR(motion.deformation[i], before.deformation[i], 1e-5);
}

/// The whole frame moves with the nose, as a mixture of motions around the face would have it.
TEST(HeadMotion, MovesTheSidesOfATurningHeadLessThanItsFront) {
  const HeadPose still = pose(turn_by(0, 0, 0)), turned = pose(turn_by(0.3, 0, 0));
  const KeypointSet source = keypoints_of(still), driving = keypoints_of(turned);
  const HeadPoint nose = kAverageHead[landmark::kNose].at;
  const double shift = project(turned, nose).x - project(still, nose).x;
  Motion motion;
  for (size_t i = 0; i < motion.deformation.size(); i += 2)
    motion.deformation[i] -= static_cast<float>(shift);
  HeadMotion head(kCells, kCells);
  ASSERT_TRUE(head.prepare(source, driving));
  head.apply(motion.deformation.data(), motion.background.data());

  EXPECT_NEAR(motion.sideways(project(turned, nose)), shift, 1e-5) << "the face stays as it was";
  // A temple on the side that comes to the front: a point of the ellipsoid.
  const HeadPoint temple{-0.7, -1.05, 0.68};
  const double truth = project(turned, temple).x - project(still, temple).x;
  EXPECT_LT(truth, 0.6 * shift);
  EXPECT_NEAR(motion.sideways(project(turned, temple)), truth, 0.12 * shift);
  const HeadPoint neck{0, 0.4, 0.9};
  EXPECT_NEAR(motion.sideways(project(turned, neck)), shift, 1e-5) << "the neck stays as it was";
  EXPECT_NEAR(motion.sideways({-0.9, 0, 0}), shift, 1e-5) << "so does what is beside the head";
}

TEST(HeadMotion, LeavesTheBackgroundAlone) {
  const KeypointSet source = keypoints_of(pose(turn_by(0, 0, 0)));
  Motion motion(0.9F);
  HeadMotion head(kCells, kCells);
  ASSERT_TRUE(head.prepare(source, keypoints_of(pose(turn_by(0.3, 0, 0)))));
  head.apply(motion.deformation.data(), motion.background.data());
  EXPECT_EQ(motion.deformation, Motion().deformation);
  EXPECT_EQ(motion.background, Motion(0.9F).background);
}

TEST(HeadMotion, NeedsKeypointsWithNames) {
  KeypointSet source = keypoints_of(pose(turn_by(0, 0, 0)));
  source.first_ear = 0;
  HeadMotion head(kCells, kCells);
  EXPECT_FALSE(head.prepare(source, keypoints_of(pose(turn_by(0.3, 0, 0)))));
  for (const HeadCell& cell : head.cells())
    EXPECT_EQ(cell.weight, 0);
}

} // namespace
} // namespace fomo
