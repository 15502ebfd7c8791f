// SPDX-License-Identifier: LGPL-2.1-or-later
// Keypoints of one crop in another, distances between poses, cross-fades from one to the next.
#include <gtest/gtest.h>

#include "driver/calibration/crop_mapping.h"
#include "driver/calibration/pose_cross_fade.h"
#include "driver/calibration/pose_distance.h"
#include "model/motion/motion_transfer.h"
#include "tests/driver/poses.h"

namespace fomo::test {

namespace {

TEST(CropMapping, AFollowingCropLosesNoMotion) {
  const KeypointSet in_frame = moved(some_pose(1), 300, 200, 80);
  const Square reference{310, 190, 240}, following{330, 170, 300};
  const KeypointSet mapped = map_keypoints(seen_in(in_frame, following), following, reference);
  EXPECT_LT(largest_difference(mapped, seen_in(in_frame, reference)), 1e-4);
  EXPECT_LT(largest_difference(
                map_keypoints_limited(seen_in(in_frame, following), following, reference), mapped),
            1e-5);
}

TEST(CropMapping, ATurnedCropLosesNoMotion) {
  const KeypointSet in_frame = moved(some_pose(1), 300, 200, 80);
  const Square reference{310, 190, 240, 0.2}, turned_on{330, 170, 300, 0.5};
  const KeypointSet mapped = map_keypoints(seen_in(in_frame, turned_on), turned_on, reference);
  EXPECT_LT(largest_difference(mapped, seen_in(in_frame, reference)), 1e-4);
  EXPECT_LT(largest_difference(seen_in(in_frame, reference),
                               moved(seen_in(in_frame, {310, 190, 240}), 0, 0, 1, -0.2)),
            1e-4);
  // More than 40 degrees are not followed.
  const Square lying{310, 190, 240, 0.2 + kPi / 2};
  const KeypointSet pose = some_pose(1);
  const KeypointSet limited = map_keypoints_limited(pose, lying, reference);
  const double angle = std::remainder(std::atan2(limited.value[1], limited.value[0]) -
                                          std::atan2(pose.value[1], pose.value[0]),
                                      2 * kPi);
  EXPECT_GT(angle, 25 * kPi / 180);
  EXPECT_LT(angle, 40 * kPi / 180);
}

TEST(CropMapping, LimitsTheDisplacementOfTheCrop) {
  const KeypointSet pose = some_pose(1);
  const Square reference{0, 0, 200};
  double before = 0;
  for (double walked : {0.25, 0.4, 0.8, 1.5, 5.0, 50.0}) {
    const Square crop{100 * walked, 0, 200};
    const double shift = map_keypoints_limited(pose, crop, reference).value[0] - pose.value[0];
    EXPECT_GE(shift, before);
    EXPECT_LE(shift, std::min(walked + 1e-5, 0.4 + 1e-5));
    before = shift;
  }
  const Square near{0, 0, 2000};
  EXPECT_LE(map_keypoints_limited(pose, near, reference).value[0], 1.81 * pose.value[0]);
}

TEST(CropMapping, WithoutACropChangesNothing) {
  EXPECT_EQ(largest_difference(map_keypoints(some_pose(1), {}, {5, 5, 10}), some_pose(1)), 0);
}

TEST(MovementScale, IgnoresKeypointsThatAreNotOnTheFace) {
  KeypointSet source = some_pose(1), reference = source;
  source.on_face = reference.on_face = source.count - 1;
  source.value[2 * static_cast<size_t>(source.on_face)] = 30; // far away
  KeypointSet driving = reference;
  for (float& v : driving.value)
    v += 0.1f;
  MotionTransfer motion;
  motion.apply(source, hull_area(source), reference, {true, true, true});
  const KeypointSet moved = motion.apply(source, hull_area(source), driving, {true, true, true});
  for (size_t i = 0; i < moved.value.size(); i++)
    EXPECT_NEAR(moved.value[i], source.value[i] + 0.1f, 1e-5f);
  source.on_face = 0;
  EXPECT_GT(hull_area(source), 2 * hull_area(reference));
}

TEST(PoseDistance, DependsOnThePoseOnlyNotOnPlaceAndSize) {
  const KeypointSet pose = some_pose(1);
  EXPECT_NEAR(pose_distance(pose, moved(pose, 0.3, -0.2, 1.7)), 0, 1e-9);
  EXPECT_GT(pose_distance(pose, moved(pose, 0, 0, 1, 0.3)), 0.05);
  KeypointSet flat = pose;
  std::fill(flat.value.begin(), flat.value.end(), 0.F);
  EXPECT_TRUE(std::isinf(pose_distance(pose, flat)));
  KeypointSet broken = pose;
  broken.value[0] = std::nanf("");
  EXPECT_TRUE(std::isinf(pose_distance(pose, broken)));
}

TEST(BestFrame, IsTheFrameInThePicturesPose) {
  const KeypointSet source = some_pose(1);
  BestFrameSearch search(source);
  EXPECT_TRUE(std::isinf(search.distance()));
  for (int t = 0; t < 40; t++)
    search.add(moved(source, 0.1, 0, 0.8, 0.02 * (t - 23)));
  EXPECT_EQ(search.index(), 23U);
  EXPECT_NEAR(search.distance(), 0, 1e-9);
}

TEST(PoseCrossFade, BeginsAtTheOldPoseAndEndsAtTheNew) {
  const KeypointSet from = moved(some_pose(1), 0.2, 0, 1, 0.3), to = some_pose(1);
  PoseCrossFade fade;
  fade.start(from, to, 0.5);
  KeypointSet last = fade.apply(to, 0);
  EXPECT_LT(largest_difference(last, from), 1e-5);
  double largest_step = 0;
  for (int t = 0; t < 25; t++) {
    const KeypointSet now = fade.apply(to, 0.02);
    if (t == 0) {
      EXPECT_LT(largest_difference(now, last), 0.02 * largest_difference(from, to));
    }
    largest_step = std::max(largest_step, largest_difference(now, last));
    last = now;
  }
  EXPECT_EQ(largest_difference(last, to), 0);
  EXPECT_FALSE(fade.active());
  // A smooth step's steepest of 25 steps is 1.5 / 25 of the way.
  EXPECT_LT(largest_step, 0.07 * largest_difference(from, to));
}

} // namespace

} // namespace fomo::test
