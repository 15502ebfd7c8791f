// SPDX-License-Identifier: LGPL-2.1-or-later
// From the driver's keypoints to the animated picture's: references, cuts, following crops.
#include <gtest/gtest.h>

#include "driver/calibration/driver_motion.h"
#include "tests/driver/poses.h"

namespace fomo::test {

namespace {

constexpr double frame_seconds = 0.04;

/// Feeds poses to a DriverMotion frame by frame.
class Driver {
 public:
  explicit Driver(KeypointSet source, CalibrationSettings settings = {}, double smoothing = 0)
      : source_(std::move(source)), area_(hull_area(source_.value.data(), source_.count)) {
    settings.smoothing = smoothing;
    motion.set(settings);
  }

  DrivenPose drive(const KeypointSet& pose, double face = -1, bool new_scene = false,
                   const Square& crop = {}) {
    DrivingFrame frame;
    frame.keypoints = pose;
    frame.crop = crop;
    frame.evidence.face = face;
    frame.seconds = frame_seconds * frames_++;
    frame.new_scene = new_scene;
    return motion.update(frame, source_, area_);
  }

  DriverMotion motion;

 private:
  KeypointSet source_;
  double area_;
  int frames_ = 0;
};

CalibrationSettings with_reference(FomoReference policy) {
  CalibrationSettings settings;
  settings.reference = policy;
  return settings;
}

TEST(DriverMotion, IsPlainTransferForAnOrdinaryDriver) {
  const KeypointSet source = some_pose(1);
  Driver driver(source, with_reference(FOMO_REFERENCE_FIRST));
  MotionTransfer plain;
  const double area = hull_area(source.value.data(), source.count);
  for (int t = 0; t < 30; t++) {
    const KeypointSet pose = moved(some_pose(2), 0.01 * t, 0, 1, 0.01 * t);
    const DrivenPose driven = driver.drive(pose);
    EXPECT_EQ(driven.reference_set, t == 0);
    EXPECT_EQ(driven.confidence, 1);
    EXPECT_EQ(largest_difference(driven.pose.keypoints,
                                 plain.apply(source, area, pose, FomoMotion{1, 1, 1})),
              0);
  }
}

TEST(DriverMotion, TakesABetterReferenceWithoutAJump) {
  const KeypointSet source = some_pose(1);
  Driver driver(source);
  // The driver's head is tilted at first and straightens up.
  double largest_step = 0, rendered_turn = 0;
  int references = 0;
  KeypointSet last;
  for (int t = 0; t < 200; t++) {
    const double angle = t < 40 ? 0.4 : std::max(0.0, 0.4 - 0.01 * (t - 40));
    const DrivenPose driven = driver.drive(moved(source, 0, 0, 0.9, angle));
    references += driven.reference_set;
    if (!last.empty())
      largest_step = std::max(largest_step, largest_difference(driven.pose.keypoints, last));
    last = driven.pose.keypoints;
    rendered_turn = driven.reference_distance;
  }
  EXPECT_GE(references, 2);
  EXPECT_LT(rendered_turn, 0.05);
  // The driver moves by 0.01 radians a frame; a visible change of the reference would be up to 0.4.
  EXPECT_LT(largest_step, 0.06);
  // At the end the driver is in the picture's pose, so the picture is at rest.
  EXPECT_LT(largest_difference(last, source), 0.1);
}

TEST(DriverMotion, ABetterReferenceDoesNotMoveTheHead) {
  const KeypointSet source = some_pose(1);
  Driver driver(source);
  KeypointSet last;
  int references = 0;
  for (int t = 0; t < 120; t++) {
    // The head straightens up while it is away from the middle, and then returns to the middle.
    const double x = t < 60 ? 0.005 * t : 0.3 - 0.005 * (t - 60);
    const DrivenPose driven = driver.drive(moved(source, x, 0, 1, t < 50 ? 0.4 : 0));
    references += driven.reference_set;
    last = driven.pose.keypoints;
  }
  EXPECT_EQ(references, 2);
  double mean = 0;
  for (size_t i = 0; i < last.value.size(); i += 2)
    mean += (last.value[i] - source.value[i]) / last.count;
  EXPECT_NEAR(mean, 0, 0.05);
}

TEST(DriverMotion, KeepsAReferenceThatIsOnlySlightlyWorse) {
  const KeypointSet source = some_pose(1);
  Driver driver(source);
  int references = 0;
  for (int t = 0; t < 100; t++)
    references += driver.drive(moved(source, 0, 0, 1, t < 40 ? 0.4 : 0.37)).reference_set;
  EXPECT_EQ(references, 1);
}

TEST(DriverMotion, WithReferenceFirstKeepsTheFirstFrame) {
  const KeypointSet source = some_pose(1);
  Driver driver(source, with_reference(FOMO_REFERENCE_FIRST));
  int references = 0;
  for (int t = 0; t < 100; t++)
    references += driver.drive(moved(source, 0, 0, 1, 0.4 - 0.004 * t), -1, t == 50).reference_set;
  EXPECT_EQ(references, 1);
  driver.motion.reset_reference();
  const DrivenPose driven = driver.drive(moved(source, 0, 0, 1, 0.3));
  EXPECT_TRUE(driven.reference_set);
  EXPECT_LT(largest_difference(driven.pose.keypoints, source), 1e-5);
}

TEST(DriverMotion, UsesThePoseOfAReferencePicture) {
  const KeypointSet source = some_pose(1), neutral = some_pose(2);
  Driver driver(source);
  driver.motion.set_reference(neutral);
  EXPECT_TRUE(driver.drive(moved(neutral, 0.1, 0)).reference_set);
  EXPECT_LT(largest_difference(driver.drive(neutral).pose.keypoints, source), 1e-5);
  driver.motion.reset();
  EXPECT_LT(largest_difference(driver.drive(neutral).pose.keypoints, source), 1e-5);
}

TEST(DriverMotion, ACutBringsANewReferenceWithoutAJump) {
  const KeypointSet source = some_pose(1);
  Driver driver(source);
  DrivenPose driven;
  for (int t = 0; t < 20; t++)
    driven = driver.drive(moved(source, 0.005 * t, 0));
  const KeypointSet before = driven.pose.keypoints;
  const KeypointSet other = moved(some_pose(9), 0.2, 0.1, 0.7, -0.3);
  driven = driver.drive(other, 1, true);
  EXPECT_TRUE(driven.reference_set);
  EXPECT_LT(largest_difference(driven.pose.keypoints, before), 1e-5);
  for (int t = 0; t < 20; t++)
    driven = driver.drive(other);
  EXPECT_LT(largest_difference(driven.pose.keypoints, source), 1e-5);
}

TEST(DriverMotion, WithoutAFaceThePictureRests) {
  const KeypointSet source = some_pose(1);
  Driver driver(source);
  for (int t = 0; t < 50; t++) {
    const DrivenPose driven = driver.drive(some_pose(100 + t), 0);
    EXPECT_FALSE(driven.reference_set);
    EXPECT_FALSE(driven.pose.present);
    EXPECT_LT(largest_difference(driven.pose.keypoints, source), 1e-5);
  }
  EXPECT_TRUE(driver.drive(some_pose(3), 1).reference_set);
}

TEST(DriverMotion, BrokenNumbersDoNoLastingHarm) {
  const KeypointSet source = some_pose(1), pose = some_pose(2);
  const CalibrationSettings settings = with_reference(FOMO_REFERENCE_FIRST);
  Driver driver(source, settings, 0.5), unharmed(source, settings, 0.5);
  driver.drive(pose);
  unharmed.drive(pose);
  KeypointSet broken = pose;
  broken.value[0] = broken.jacobian[5] = std::nanf("");
  const DrivenPose lost = driver.drive(broken);
  EXPECT_EQ(lost.confidence, 0);
  EXPECT_TRUE(is_finite(lost.pose.keypoints));
  unharmed.drive(pose);
  DrivenPose driven, expected;
  for (int t = 0; t < 30; t++) {
    driven = driver.drive(moved(pose, 0.1, 0, 1, 0.3));
    expected = unharmed.drive(moved(pose, 0.1, 0, 1, 0.3));
  }
  EXPECT_LT(largest_difference(driven.pose.keypoints, expected.pose.keypoints), 1e-4);
}

TEST(DriverMotion, AFollowingCropDoesNotChangeTheResult) {
  // A head moves to the right, in a fixed crop and in a crop that follows.
  const KeypointSet source = some_pose(1);
  Driver still(source, with_reference(FOMO_REFERENCE_FIRST)),
      following(source, with_reference(FOMO_REFERENCE_FIRST));
  for (int t = 0; t < 40; t++) {
    const KeypointSet in_frame = moved(some_pose(2), 200 + 0.8 * t, 200, 100);
    const Square first{200, 200, 200}, now{200 + 0.8 * std::max(0, t - 10), 200, 200.0 + 0.5 * t};
    EXPECT_LT(
        largest_difference(still.drive(seen_in(in_frame, first), 1, false, first).pose.keypoints,
                           following.drive(seen_in(in_frame, now), 1, false, now).pose.keypoints),
        1e-4);
  }
}

TEST(DriverMotion, SmoothingIgnoresTheCropsMotion) {
  const KeypointSet source = some_pose(1);
  const CalibrationSettings settings = with_reference(FOMO_REFERENCE_FIRST);
  Driver still(source, settings, 0.5), following(source, settings, 0.5);
  std::mt19937 random(3);
  std::normal_distribution<float> jitter(0, 0.2F); // pixels of the frame
  for (int t = 0; t < 60; t++) {
    KeypointSet in_frame = moved(some_pose(2), 200, 200, 100);
    for (float& value : in_frame.value)
      value += jitter(random);
    const Square first{200, 200, 200}, now{200 + 0.3 * t, 200, 200};
    const KeypointSet a = still.drive(seen_in(in_frame, first), 1, false, first).pose.keypoints;
    const KeypointSet b = following.drive(seen_in(in_frame, now), 1, false, now).pose.keypoints;
    EXPECT_LT(largest_difference(a, b), 1e-4) << t;
  }
}

TEST(DriverMotion, SmoothsWithAndWithoutACrop) {
  const KeypointSet source = some_pose(1);
  for (const Square& crop : {Square{}, Square{100, 100, 50}}) {
    Driver driver(source, {}, KeypointSmoother::default_amount);
    std::mt19937 random(4);
    std::normal_distribution<float> jitter(0, 0.003F);
    double raw = 0, calm = 0;
    KeypointSet last_raw, last_calm;
    for (int t = 0; t < 100; t++) {
      KeypointSet pose = some_pose(2);
      for (float& value : pose.value)
        value += jitter(random);
      const KeypointSet shown = driver.drive(pose, -1, false, crop).pose.keypoints;
      if (t > 20) {
        raw += largest_difference(pose.value, last_raw.value);
        calm += largest_difference(shown.value, last_calm.value);
      }
      last_raw = pose;
      last_calm = shown;
    }
    EXPECT_LT(calm, 0.6 * raw);
  }
}

TEST(DriverMotion, CentresADriverWhoRestsAtAnotherPlace) {
  const KeypointSet source = some_pose(1);
  Driver driver(source);
  KeypointSet last;
  double furthest = 0, before = 0;
  for (int t = 0; t < 120; t++) {
    // The crop moves by its own width within a second.
    const Square crop{200 + 8.0 * std::clamp(t - 10, 0, 25), 200, 200};
    const KeypointSet in_frame = moved(source, crop.cx, crop.cy, 100);
    last = driver.drive(seen_in(in_frame, crop), 1, false, crop).pose.keypoints;
    const double shift = last.value[0] - source.value[0];
    // The picture jumps neither while the driver moves nor while it is centred again.
    EXPECT_LT(std::abs(shift - before), 0.09) << t;
    before = shift;
    furthest = std::max(furthest, shift);
    if (t == 36) {
      EXPECT_GT(shift, 0.3);
    }
  }
  EXPECT_LE(furthest, MotionLimits().most_shift + 1e-6);
  EXPECT_LT(largest_difference(last, source), 1e-4);
}

TEST(DriverMotion, RecoversFromABadReference) {
  const KeypointSet source = some_pose(1), pose = moved(source, 0.05, 0);
  KeypointSet bad = pose;
  for (size_t i = 0; i < bad.jacobian.size(); i++)
    bad.jacobian[i] *= 0.3F;
  Driver driver(source);
  EXPECT_TRUE(driver.drive(bad, 1).reference_set);
  int references = 0;
  DrivenPose driven;
  for (int t = 0; t < 100; t++) {
    driven = driver.drive(pose, 1);
    references += driven.reference_set;
  }
  EXPECT_EQ(references, 1);
  EXPECT_TRUE(driven.pose.present);
  EXPECT_LT(largest_difference(driven.pose.keypoints, source), 1e-5);
}

TEST(DriverMotion, AnotherPictureStartsAtOnce) {
  const KeypointSet first = some_pose(1), second = some_pose(5);
  DriverMotion motion;
  motion.set({});
  DrivingFrame frame;
  frame.keypoints = some_pose(2);
  for (int t = 0; t < 5; t++, frame.seconds += frame_seconds)
    motion.update(frame, first, hull_area(first.value.data(), first.count));
  const DrivenPose driven =
      motion.update(frame, second, hull_area(second.value.data(), second.count));
  EXPECT_LT(largest_difference(driven.pose.keypoints, second), 1e-5);
}

} // namespace

} // namespace fomo::test
