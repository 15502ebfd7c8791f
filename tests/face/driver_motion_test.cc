// SPDX-License-Identifier: LGPL-2.1-or-later
// From driving keypoints to rendered ones: crops, references, lost faces.
#include <gtest/gtest.h>

#include "model/calibration/crop_mapping.h"
#include "model/calibration/driver_motion.h"
#include "model/calibration/pose_distance.h"
#include "tests/face/poses.h"

namespace fomo::test {

namespace {

constexpr double frame_seconds = 0.04;

/// Keypoints that lie still in the frame, as a crop of it sees them.
KeypointSet seen_in(const KeypointSet& in_frame, const Crop& crop) {
  const Crop whole{0, 0, 2}; // of which [-1, 1] are the pixels
  return map_keypoints(in_frame, whole, crop);
}

TEST(CropMapping, AFollowingCropLosesNoMotion) {
  const KeypointSet in_frame = moved(some_pose(1), 300, 200, 80);
  const Crop reference{310, 190, 240}, following{330, 170, 300};
  const KeypointSet mapped = map_keypoints(seen_in(in_frame, following), following, reference);
  EXPECT_LT(largest_difference(mapped, seen_in(in_frame, reference)), 1e-4);
  EXPECT_LT(largest_difference(
                map_keypoints_limited(seen_in(in_frame, following), following, reference), mapped),
            1e-5);
}

TEST(CropMapping, LimitsHowFarADriverWalks) {
  const KeypointSet pose = some_pose(1);
  const Crop reference{0, 0, 200};
  double before = 0;
  for (double walked : {0.25, 0.4, 0.8, 1.5, 5.0, 50.0}) {
    const Crop crop{100 * walked, 0, 200};
    const double shift = map_keypoints_limited(pose, crop, reference).value[0] - pose.value[0];
    EXPECT_GE(shift, before);
    EXPECT_LE(shift, std::min(walked + 1e-5, 0.4 + 1e-5));
    before = shift;
  }
  const Crop near{0, 0, 2000};
  EXPECT_LE(map_keypoints_limited(pose, near, reference).value[0], 1.81 * pose.value[0]);
}

TEST(CropMapping, NoCropIsNoChange) {
  EXPECT_EQ(largest_difference(map_keypoints(some_pose(1), {}, {5, 5, 10}), some_pose(1)), 0);
}

TEST(PoseDistance, IgnoresPlaceAndSizeButNotPose) {
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

TEST(BestFrame, IsTheOneInThePicturesPose) {
  const KeypointSet source = some_pose(1);
  BestFrameSearch search(source);
  EXPECT_TRUE(std::isinf(search.distance()));
  for (int t = 0; t < 40; t++)
    search.add(moved(source, 0.1, 0, 0.8, 0.02 * (t - 23)));
  EXPECT_EQ(search.index(), 23U);
  EXPECT_NEAR(search.distance(), 0, 1e-9);
}

TEST(PoseGlide, BeginsAtTheOldPoseAndEndsAtTheNew) {
  const KeypointSet from = moved(some_pose(1), 0.2, 0, 1, 0.3), to = some_pose(1);
  PoseGlide glide;
  glide.start(from, to, 0.5);
  KeypointSet last = glide.apply(to, 0);
  EXPECT_LT(largest_difference(last, from), 1e-5);
  double largest_step = 0;
  for (int t = 0; t < 25; t++) {
    const KeypointSet now = glide.apply(to, 0.02);
    if (t == 0) {
      EXPECT_LT(largest_difference(now, last), 0.02 * largest_difference(from, to));
    }
    largest_step = std::max(largest_step, largest_difference(now, last));
    last = now;
  }
  EXPECT_EQ(largest_difference(last, to), 0);
  EXPECT_FALSE(glide.active());
  // A smooth step's steepest of 25 steps is 1.5 / 25 of the way.
  EXPECT_LT(largest_step, 0.07 * largest_difference(from, to));
}

TEST(LostFace, FollowsItsPolicy) {
  const KeypointSet source = some_pose(1), pose = moved(source, 0.2, 0.1, 1, 0.2);
  for (LostPolicy policy : {LostPolicy::hold, LostPolicy::relax, LostPolicy::freeze}) {
    LostFace lost;
    lost.set_policy(policy);
    lost.update(pose, source, 1, frame_seconds);
    const KeypointSet wild = moved(source, 0.9, 0.9, 2, 2);
    PoseToRender now;
    for (int t = 0; t < 75; t++) {
      now = lost.update(wild, source, 0, frame_seconds);
      EXPECT_FALSE(now.present);
      EXPECT_EQ(now.repeat, policy == LostPolicy::freeze);
      if (t == 2) {
        EXPECT_EQ(largest_difference(now.keypoints, pose), 0);
      }
    }
    EXPECT_LT(largest_difference(now.keypoints, policy == LostPolicy::relax ? source : pose), 1e-6);
    // Back again: neither a jump, nor long until the driver moves the picture.
    const KeypointSet before = now.keypoints;
    now = lost.update(pose, source, 1, frame_seconds);
    EXPECT_TRUE(now.present);
    EXPECT_LT(largest_difference(now.keypoints, before), 1e-5);
    for (int t = 0; t < 15; t++)
      now = lost.update(pose, source, 1, frame_seconds);
    EXPECT_EQ(largest_difference(now.keypoints, pose), 0);
  }
}

TEST(LostFace, ADoubtfulPoseIsHeldBack) {
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

TEST(LostFace, DoesNotFlutterBetweenItsThresholds) {
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

/// Feeds poses to a DriverMotion frame by frame.
class Driver {
 public:
  explicit Driver(KeypointSet source, CalibrationSettings settings = {}, double smoothing = 0)
      : source_(std::move(source)), area_(hull_area(source_.value.data(), source_.count)) {
    settings.smoothing = smoothing;
    motion.set(settings);
  }

  DrivenPose drive(const KeypointSet& pose, double face = -1, bool new_scene = false,
                   const Crop& crop = {}) {
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

CalibrationSettings with_reference(ReferencePolicy policy) {
  CalibrationSettings settings;
  settings.reference = policy;
  return settings;
}

TEST(DriverMotion, IsPlainTransferForAnOrdinaryDriver) {
  const KeypointSet source = some_pose(1);
  Driver driver(source, with_reference(ReferencePolicy::first));
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
  // The driver begins with the head tilted and straightens up.
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
  // The driver's own motion is 0.01 radians a frame; a jump of the reference would be up to 0.4.
  EXPECT_LT(largest_step, 0.06);
  // At the end the driver is in the picture's pose, and so is the picture.
  EXPECT_LT(largest_difference(last, source), 0.1);
}

TEST(DriverMotion, ABetterReferenceDoesNotMoveTheHead) {
  const KeypointSet source = some_pose(1);
  Driver driver(source);
  KeypointSet last;
  int references = 0;
  for (int t = 0; t < 120; t++) {
    // The head straightens up when it is off the middle, and goes back there.
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

TEST(DriverMotion, KeepsAReferenceThatIsHardlyWorse) {
  const KeypointSet source = some_pose(1);
  Driver driver(source);
  int references = 0;
  for (int t = 0; t < 100; t++)
    references += driver.drive(moved(source, 0, 0, 1, t < 40 ? 0.4 : 0.37)).reference_set;
  EXPECT_EQ(references, 1);
}

TEST(DriverMotion, KeepsAFirstReference) {
  const KeypointSet source = some_pose(1);
  Driver driver(source, with_reference(ReferencePolicy::first));
  int references = 0;
  for (int t = 0; t < 100; t++)
    references += driver.drive(moved(source, 0, 0, 1, 0.4 - 0.004 * t), -1, t == 50).reference_set;
  EXPECT_EQ(references, 1);
  driver.motion.reset_reference();
  const DrivenPose driven = driver.drive(moved(source, 0, 0, 1, 0.3));
  EXPECT_TRUE(driven.reference_set);
  EXPECT_LT(largest_difference(driven.pose.keypoints, source), 1e-5);
}

TEST(DriverMotion, CountsFromAStillPicturesPose) {
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
  const CalibrationSettings settings = with_reference(ReferencePolicy::first);
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

TEST(DriverMotion, AFollowingCropDoesNotShow) {
  // A head that moves to the right, seen by a crop that stands still and by one that follows.
  const KeypointSet source = some_pose(1);
  Driver still(source, with_reference(ReferencePolicy::first)),
      following(source, with_reference(ReferencePolicy::first));
  for (int t = 0; t < 40; t++) {
    const KeypointSet in_frame = moved(some_pose(2), 200 + 0.8 * t, 200, 100);
    const Crop first{200, 200, 200}, now{200 + 0.8 * std::max(0, t - 10), 200, 200.0 + 0.5 * t};
    EXPECT_LT(
        largest_difference(still.drive(seen_in(in_frame, first), 1, false, first).pose.keypoints,
                           following.drive(seen_in(in_frame, now), 1, false, now).pose.keypoints),
        1e-4);
  }
}

TEST(DriverMotion, SmoothingDoesNotSeeTheCropMove) {
  const KeypointSet source = some_pose(1);
  const CalibrationSettings settings = with_reference(ReferencePolicy::first);
  Driver still(source, settings, 0.5), following(source, settings, 0.5);
  std::mt19937 random(3);
  std::normal_distribution<float> shiver(0, 0.2F); // pixels of the frame
  for (int t = 0; t < 60; t++) {
    KeypointSet in_frame = moved(some_pose(2), 200, 200, 100);
    for (float& value : in_frame.value)
      value += shiver(random);
    const Crop first{200, 200, 200}, now{200 + 0.3 * t, 200, 200};
    const KeypointSet a = still.drive(seen_in(in_frame, first), 1, false, first).pose.keypoints;
    const KeypointSet b = following.drive(seen_in(in_frame, now), 1, false, now).pose.keypoints;
    EXPECT_LT(largest_difference(a, b), 1e-4) << t;
  }
}

TEST(DriverMotion, SmoothsWithAndWithoutACrop) {
  const KeypointSet source = some_pose(1);
  for (const Crop& crop : {Crop{}, Crop{100, 100, 50}}) {
    Driver driver(source, {}, KeypointSmoother::default_amount);
    std::mt19937 random(4);
    std::normal_distribution<float> shiver(0, 0.003F);
    double raw = 0, calm = 0;
    KeypointSet last_raw, last_calm;
    for (int t = 0; t < 100; t++) {
      KeypointSet pose = some_pose(2);
      for (float& value : pose.value)
        value += shiver(random);
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

TEST(DriverMotion, ADriverWhoSitsDownElsewhereIsCentred) {
  const KeypointSet source = some_pose(1);
  Driver driver(source);
  KeypointSet last;
  double furthest = 0, before = 0;
  for (int t = 0; t < 120; t++) {
    // The crop follows over a whole crop's width in a second.
    const Crop crop{200 + 8.0 * std::clamp(t - 10, 0, 25), 200, 200};
    const KeypointSet in_frame = moved(source, crop.cx, crop.cy, 100);
    last = driver.drive(seen_in(in_frame, crop), 1, false, crop).pose.keypoints;
    const double shift = last.value[0] - source.value[0];
    // Neither walking nor being centred makes it jump.
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
