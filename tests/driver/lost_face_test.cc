// SPDX-License-Identifier: LGPL-2.1-or-later
// The confidence in a frame, and the motion while the face is lost.
#include <gtest/gtest.h>

#include "driver/calibration/confidence.h"
#include "driver/calibration/lost_face.h"
#include "tests/driver/poses.h"

namespace fomo::test {

namespace {

constexpr double frame_seconds = 0.04;

TEST(LostFace, FollowsItsPolicy) {
  const KeypointSet source = some_pose(1), pose = moved(source, 0.2, 0.1, 1, 0.2);
  for (FomoLost policy : {FOMO_LOST_HOLD, FOMO_LOST_RELAX, FOMO_LOST_FREEZE}) {
    LostFace lost;
    lost.set_policy(policy);
    lost.update(pose, source, 1, frame_seconds);
    const KeypointSet wild = moved(source, 0.9, 0.9, 2, 2);
    PoseToRender now;
    for (int t = 0; t < 75; t++) {
      now = lost.update(wild, source, 0, frame_seconds);
      EXPECT_FALSE(now.present);
      EXPECT_EQ(now.repeat, policy == FOMO_LOST_FREEZE);
      if (t == 2) {
        EXPECT_EQ(largest_difference(now.keypoints, pose), 0);
      }
    }
    EXPECT_LT(largest_difference(now.keypoints, policy == FOMO_LOST_RELAX ? source : pose), 1e-6);
    // When the face is back, the picture does not jump, and the driver moves it soon.
    const KeypointSet before = now.keypoints;
    now = lost.update(pose, source, 1, frame_seconds);
    EXPECT_TRUE(now.present);
    EXPECT_LT(largest_difference(now.keypoints, before), 1e-5);
    for (int t = 0; t < 15; t++)
      now = lost.update(pose, source, 1, frame_seconds);
    EXPECT_EQ(largest_difference(now.keypoints, pose), 0);
  }
}

TEST(LostFace, AnUncertainPoseIsPulledTowardsTheLastClearPose) {
  const KeypointSet source = some_pose(1), pose = moved(source, 0.1, 0),
                    wild = moved(source, 0.9, 0);
  LostFace lost;
  lost.update(pose, source, 1, frame_seconds);
  double before = 0.9;
  for (double confidence : {0.69, 0.6, 0.45, 0.3}) {
    const double shift =
        lost.update(wild, source, confidence, frame_seconds).keypoints.value[0] - source.value[0];
    EXPECT_LT(shift, before) << confidence;
    EXPECT_GE(shift, 0.1);
    before = shift;
  }
  EXPECT_LT(before, 0.3);
}

TEST(LostFace, HasHysteresisBetweenItsThresholds) {
  const KeypointSet source = some_pose(1);
  LostFace lost;
  EXPECT_TRUE(lost.update(source, source, 0.35, frame_seconds).present);
  EXPECT_FALSE(lost.update(source, source, 0.2, frame_seconds).present);
  EXPECT_FALSE(lost.update(source, source, 0.35, frame_seconds).present);
  EXPECT_TRUE(lost.update(source, source, 0.5, frame_seconds).present);
}

TEST(Confidence, FallsWithEachKindOfEvidence) {
  const KeypointSet reference = some_pose(1);
  const FrameEvidence sharp{std::vector<float>(10, 0.3F), 0.9};
  EXPECT_NEAR(frame_confidence(reference, sharp, reference, sharp, reference), 0.9, 1e-9);
  FrameEvidence dull = sharp;
  dull.peaks.assign(10, 0.04F);
  EXPECT_EQ(frame_confidence(reference, dull, reference, sharp, reference), 0);
  FrameEvidence unseen = sharp;
  unseen.face = 0.1;
  EXPECT_NEAR(frame_confidence(reference, unseen, reference, sharp, reference), 0.1, 1e-9);
  KeypointSet mirrored = reference;
  for (size_t i = 0; i < mirrored.jacobian.size(); i += 4) {
    mirrored.jacobian[i] *= -1;
    mirrored.jacobian[i + 1] *= -1;
  }
  EXPECT_EQ(frame_confidence(mirrored, sharp, reference, sharp, reference), 0);
  KeypointSet broken = reference;
  broken.value[3] = std::nanf("");
  EXPECT_EQ(frame_confidence(broken, sharp, reference, sharp, reference), 0);
  EXPECT_EQ(frame_confidence(reference, {}, {}, {}, {}), 1);
}

} // namespace

} // namespace fomo::test
