// SPDX-License-Identifier: LGPL-2.1-or-later
// Head poses, and the strengths and offsets of the parts of a face.
#include <gtest/gtest.h>

#include "driver/calibration/driver_motion.h"
#include "driver/calibration/face_controls.h"
#include "model/motion/head_fit.h"
#include "model/motion/head_pose.h"
#include "model/motion/landmarks.h"
#include "tests/driver/poses.h"

namespace fomo::test {

namespace {

using namespace landmark;

constexpr double kDegree = 3.14159265358979323846 / 180;

/// A head like the average one, but with a longer face and a bigger nose.
const std::vector<HeadPoint> kHead = {
    {0.30, -1.20, 1.20},  {0.30, -1.10, 1.19},  {-0.30, -1.20, 1.20}, {-0.30, -1.10, 1.19},
    {0.33, -1.40, 1.25},  {-0.33, -1.40, 1.25}, {0, -0.75, 1.55},     {0.22, -0.42, 1.25},
    {-0.22, -0.42, 1.25}, {0, -0.45, 1.33},     {0, -0.41, 1.33},     {0, -0.05, 1.28},
    {0, -1.70, 1.20},     {0.65, -0.85, 0.35},  {-0.65, -0.85, 0.35}, {0, 0.50, 0.60}};

HeadPose pose_of(double yaw, double pitch, double roll, double x = 0.02, double y = 0.35,
                 double scale = 0.55) {
  return {turn_by(yaw * kDegree, pitch * kDegree, roll * kDegree), scale, x, y};
}

/// The keypoints of the head with this shape in a pose. The neck stays where it is.
KeypointSet seen(const HeadPose& pose, const std::vector<HeadPoint>& shape = kHead) {
  KeypointSet result;
  result.count = kLandmarks;
  result.on_face = kFaceLandmarks;
  result.first_mouth = kMouthLeft;
  result.first_ear = kLeftEar;
  for (int k = 0; k < kLandmarks; k++) {
    const HeadPoint at = project(k == kNeck ? pose_of(0, 0, 0) : pose, shape[k]);
    result.value.push_back(static_cast<float>(at.x));
    result.value.push_back(static_cast<float>(at.y));
    for (int i : {0, 1, 3, 4})
      result.jacobian.push_back(static_cast<float>(pose.turn[i] * pose.scale / 0.55));
  }
  return result;
}

/// With shut eyes, an open mouth and raised brows.
std::vector<HeadPoint> expressive() {
  std::vector<HeadPoint> shape = kHead;
  shape[kLeftUpperLid].y += 0.09;
  shape[kRightUpperLid].y += 0.09;
  shape[kLowerLip].y += 0.25;
  shape[kChin].y += 0.2;
  shape[kLeftBrow].y -= 0.07;
  shape[kRightBrow].y -= 0.07;
  return shape;
}

FomoFaceControls controls(double FomoFaceControls::*which, double value) {
  FomoFaceControls result = kNoFaceControls;
  result.*which = value;
  return result;
}

double x(const KeypointSet& keypoints, int k) { return keypoints.value[2 * k]; }
double y(const KeypointSet& keypoints, int k) { return keypoints.value[2 * k + 1]; }
double apart(const KeypointSet& a, const KeypointSet& b, int k) {
  return std::hypot(x(a, k) - x(b, k), y(a, k) - y(b, k));
}
/// The largest distance of a landmark; of the face alone, without ears and neck.
double farthest(const KeypointSet& a, const KeypointSet& b, int count = kLandmarks) {
  double result = 0;
  for (int k = 0; k < count; k++)
    result = std::max(result, apart(a, b, k));
  return result;
}

TEST(HeadPose, TurnsInTheNamedDirections) {
  const KeypointSet still = seen(pose_of(0, 0, 0));
  EXPECT_GT(x(seen(pose_of(20, 0, 0)), kNose), x(still, kNose) + 0.2);
  EXPECT_LT(y(seen(pose_of(0, 20, 0)), kNose), y(still, kNose) - 0.2);
  const KeypointSet rolled = seen(pose_of(0, 0, 20));
  EXPECT_GT(y(rolled, kLeftEar), y(rolled, kRightEar)) << "the picture's right goes down";
  const Turn turn = turn_by(0.3, -0.2, 0.1), half = power(turn, 0.5), again = half * half;
  for (size_t i = 0; i < 9; i++)
    EXPECT_NEAR(again[i], turn[i], 1e-9);
}

TEST(HeadPose, IsFoundFromThePoints) {
  std::vector<double> weights(kLandmarks, 1.0);
  weights[kNeck] = 0;
  for (const auto& [yaw, pitch, roll] :
       {std::array<double, 3>{0, 0, 0}, {25, 0, 0}, {-40, 10, 5}, {5, -20, 30}}) {
    const HeadPose truth = pose_of(yaw, pitch, roll, 0.1, 0.3, 0.6);
    const HeadPose found =
        fit_head_pose(kHead, seen(truth).value.data(), weights, pose_of(0, 0, 0, 0, 0, 0.4));
    EXPECT_NEAR(found.scale, 0.6, 0.005);
    for (size_t i = 0; i < 9; i++)
      EXPECT_NEAR(found.turn[i], truth.turn[i], 0.01) << yaw << ' ' << pitch << ' ' << roll;
  }
}

TEST(FaceControls, NeutralOnesAndKeypointsWithoutNamesChangeNothing) {
  const KeypointSet source = seen(pose_of(10, 0, 0)), animated = seen(pose_of(-10, 5, 3));
  EXPECT_EQ(largest_difference(with_face_controls(animated, source, kNoFaceControls), animated), 0);
  // Values near the neutral ones go through the whole computation and give nearly the same.
  FomoFaceControls near = controls(&FomoFaceControls::head, 1 - 1e-6);
  near.eyes = near.mouth = near.brows = 1 + 1e-6;
  const KeypointSet lively = seen(pose_of(-10, 5, 3), expressive());
  EXPECT_LT(largest_difference(with_face_controls(lively, source, near), lively), 1e-4);
  KeypointSet unnamed = source, unnamed_animated = animated;
  unnamed.first_ear = unnamed_animated.first_ear = 0;
  EXPECT_FALSE(have_names(unnamed));
  EXPECT_EQ(largest_difference(
                with_face_controls(unnamed_animated, unnamed, controls(&FomoFaceControls::yaw, 20)),
                unnamed_animated),
            0);
}

TEST(FaceControls, HeadStrengthZeroKeepsTheExpressionAlone) {
  const KeypointSet source = seen(pose_of(0, 0, 0)),
                    animated = seen(pose_of(15, -8, 6, 0.1), expressive());
  const KeypointSet expected = seen(pose_of(0, 0, 0), expressive());
  const KeypointSet result =
      with_face_controls(animated, source, controls(&FomoFaceControls::head, 0));
  EXPECT_GT(farthest(animated, expected), 0.2);
  EXPECT_LT(farthest(result, expected), 0.03);
  for (int k : {int(kNose), int(kForehead), int(kNeck)})
    EXPECT_LT(apart(result, source, k), 1e-5);
  for (size_t i = 0; i < result.jacobian.size(); i++)
    EXPECT_NEAR(result.jacobian[i], source.jacobian[i], 0.05);
}

TEST(FaceControls, StrengthsOfTheExpressionKeepTheHead) {
  const KeypointSet source = seen(pose_of(5, 0, 0)),
                    animated = seen(pose_of(20, -8, 6, 0.1), expressive());
  FomoFaceControls head_alone = kNoFaceControls;
  head_alone.eyes = head_alone.mouth = head_alone.brows = 0;
  const KeypointSet still = seen(pose_of(20, -8, 6, 0.1));
  EXPECT_LT(farthest(with_face_controls(animated, source, head_alone), still), 0.03);
  // Each strength moves its own part alone.
  const struct {
    double FomoFaceControls::*which;
    std::vector<int> moves;
  } parts[] = {{&FomoFaceControls::eyes, {kLeftUpperLid, kRightUpperLid}},
               {&FomoFaceControls::mouth, {kLowerLip, kChin}},
               {&FomoFaceControls::brows, {kLeftBrow, kRightBrow}}};
  for (const auto& part : parts) {
    const KeypointSet none = with_face_controls(animated, source, controls(part.which, 0));
    const KeypointSet twice = with_face_controls(animated, source, controls(part.which, 2));
    for (int k : part.moves) {
      EXPECT_LT(apart(none, still, k), 0.02) << k;
      EXPECT_NEAR(apart(twice, none, k), 2 * apart(animated, none, k), 1e-5) << k;
      EXPECT_GT(apart(twice, none, k), 0.06) << k;
    }
    for (int k : {int(kNose), int(kForehead), int(kLeftEar), int(kNeck)})
      EXPECT_LT(apart(none, animated, k), 1e-5) << k;
  }
}

TEST(FaceControls, AnglesTurnTheHead) {
  const KeypointSet source = seen(pose_of(0, 0, 0));
  const struct {
    double FomoFaceControls::*which;
    HeadPose expected;
  } turns[] = {{&FomoFaceControls::yaw, pose_of(20, 0, 0)},
               {&FomoFaceControls::pitch, pose_of(0, 20, 0)},
               {&FomoFaceControls::roll, pose_of(0, 0, 20)}};
  for (const auto& turn : turns) {
    const KeypointSet expected = seen(turn.expected);
    const KeypointSet result = with_face_controls(source, source, controls(turn.which, 20));
    // The depth of this face is that of the average head, and the nose shows it most.
    EXPECT_LT(farthest(result, expected, kFaceLandmarks), 0.06);
    EXPECT_GT(farthest(result, source, kFaceLandmarks), 0.2);
    EXPECT_LT(apart(result, source, kNeck), 1e-6);
    for (int k = 0; k < kFaceLandmarks; k++)
      for (size_t i = 0; i < 4; i++)
        EXPECT_NEAR(result.jacobian[4 * k + i], expected.jacobian[4 * k + i], 0.03);
    const KeypointSet back = with_face_controls(source, source, controls(turn.which, -20));
    EXPECT_LT((x(back, kNose) - x(source, kNose)) * (x(result, kNose) - x(source, kNose)) +
                  (y(back, kNose) - y(source, kNose)) * (y(result, kNose) - y(source, kNose)),
              0);
  }
}

TEST(FaceControls, OffsetsOpenShutAndSmile) {
  const KeypointSet source = seen(pose_of(0, 0, 0));
  const auto with = [&](double FomoFaceControls::*which, double value) {
    return with_face_controls(source, source, controls(which, value));
  };
  const auto gap = [](const KeypointSet& k, int upper, int lower) {
    return y(k, lower) - y(k, upper);
  };
  const double eye = gap(source, kLeftUpperLid, kLeftLowerLid);
  EXPECT_NEAR(gap(with(&FomoFaceControls::eyes_open, -1), kLeftUpperLid, kLeftLowerLid), 0, 1e-3);
  EXPECT_NEAR(gap(with(&FomoFaceControls::eyes_open, -0.5), kLeftUpperLid, kLeftLowerLid), eye / 2,
              1e-3);
  EXPECT_NEAR(gap(with(&FomoFaceControls::eyes_open, 1), kRightUpperLid, kRightLowerLid), 1.5 * eye,
              1e-3);
  const double mouth = gap(source, kUpperLip, kLowerLip);
  EXPECT_NEAR(gap(with(&FomoFaceControls::mouth_open, -1), kUpperLip, kLowerLip), 0, 1e-3);
  EXPECT_GT(gap(with(&FomoFaceControls::mouth_open, 1), kUpperLip, kLowerLip), mouth + 0.14);
  const KeypointSet smiling = with(&FomoFaceControls::smile, 1),
                    sad = with(&FomoFaceControls::smile, -1);
  EXPECT_LT(y(smiling, kMouthLeft), y(source, kMouthLeft) - 0.025);
  EXPECT_GT(x(smiling, kMouthLeft) - x(smiling, kMouthRight),
            x(source, kMouthLeft) - x(source, kMouthRight) + 0.025);
  EXPECT_GT(y(sad, kMouthRight), y(source, kMouthRight) + 0.02);
  for (const KeypointSet& changed : {smiling, sad})
    for (int k : {int(kLeftUpperLid), int(kLeftBrow), int(kNose), int(kChin), int(kLeftEar)})
      EXPECT_LT(apart(changed, source, k), 1e-5);
}

TEST(FaceControls, ApplyToADrivenPictureAndToOneAtRest) {
  CalibrationSettings settings;
  settings.reference = FOMO_REFERENCE_FIRST;
  settings.face.yaw = 15;
  DriverMotion motion;
  motion.set(settings);
  const KeypointSet source = seen(pose_of(0, 0, 0, 0.05, 0.4));
  DrivingFrame frame;
  frame.keypoints = seen(pose_of(3, 0, 0));
  const DrivenPose first = motion.update(frame, source, hull_area(source));
  const KeypointSet rest = motion.at_rest(source);
  EXPECT_GT(x(rest, kNose), x(source, kNose) + 0.1);
  EXPECT_LT(largest_difference(first.pose.keypoints, rest), 1e-5);
  settings.face = kNoFaceControls;
  motion.set(settings);
  EXPECT_EQ(largest_difference(motion.at_rest(source), source), 0);
}

} // namespace

} // namespace fomo::test
