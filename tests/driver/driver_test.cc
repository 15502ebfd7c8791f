// SPDX-License-Identifier: LGPL-2.1-or-later
// The part of the driving frames that the model sees, with and without a face.
#include "driver/driver.h"

#include <gtest/gtest.h>

#include "tests/driver/synthetic_driver.h"

namespace fomo::test {

namespace {

constexpr int kModel = 64;

/// Shows frames to a driver.
struct Camera {
  explicit Camera(bool about_faces = true) : driver(about_faces) {
    driving.crop = FOMO_CROP_AUTO;
    driving.crop_x = driving.crop_y = 0.5;
    driving.crop_size = 1;
    driving.face_timeout = 2;
  }

  DriverSight show(const cv::Mat& rgb) {
    const FomoOrientation orientation = driving.frame.orientation;
    driving.frame = frame_of(as_image(rgb));
    driving.frame.orientation = orientation;
    const DriverSight sight = driver.look(driving, as_image(seen));
    driving.seconds += 0.04;
    return sight;
  }

  Driver driver;
  FomoDriving driving{};
  cv::Mat seen{kModel, kModel, CV_8UC3, cv::Scalar::all(0)};
};

cv::Mat somebody() {
  cv::Mat frame = room(640, 480);
  put_person(frame, 300, 200);
  return frame;
}

TEST(Driver, AModelOfFacesSeesNothingBeforeThereIsAFace) {
  Camera camera;
  const cv::Mat empty = room(640, 480);
  int timeouts = 0;
  for (int t = 0; t < 100; t++) {
    const DriverSight sight = camera.show(empty);
    EXPECT_FALSE(sight.readable) << t;
    timeouts += sight.timed_out;
    EXPECT_EQ(sight.timed_out, t == 50) << t;
  }
  EXPECT_EQ(timeouts, 1);
  const cv::Mat frame = somebody();
  DriverSight sight = camera.show(frame);
  for (int t = 0; t < 100 && !sight.readable; t++)
    sight = camera.show(frame);
  EXPECT_TRUE(sight.readable);
  EXPECT_EQ(sight.face.event, FOMO_FACE_FOUND);
  EXPECT_TRUE(sight.new_scene);
  EXPECT_GT(sight.confidence, 0.6);
}

TEST(Driver, FixedPartsNeedNoFace) {
  const cv::Mat empty = room(640, 480);
  Camera camera;
  for (const FomoCrop crop : {FOMO_CROP_NONE, FOMO_CROP_CENTER, FOMO_CROP_MANUAL}) {
    camera.driving.crop = crop;
    const DriverSight sight = camera.show(empty);
    EXPECT_TRUE(sight.readable);
    EXPECT_LT(sight.confidence, 0);
    EXPECT_EQ(is_empty(sight.square), crop != FOMO_CROP_MANUAL);
  }
  // With crop=auto a model of other things than faces sees the centre.
  Camera other(false);
  EXPECT_TRUE(other.show(empty).readable);
}

TEST(Driver, ReportsWhichPartOfTheStoredFrameTheModelSees) {
  const cv::Mat frame = room(400, 200);
  Camera camera;
  camera.driving.crop = FOMO_CROP_CENTER;
  const FomoFootprint upright = camera.show(frame).footprint;
  EXPECT_NEAR(upright.x, 0.25, 1e-9);
  EXPECT_NEAR(upright.right_x, 0.5, 1e-9);
  EXPECT_NEAR(upright.down_y, 1, 1e-9);
  EXPECT_NEAR(upright.right_y, 0, 1e-9);
  // A quarter turn clockwise: the upright frame's top left is the stored frame's bottom left.
  camera.driving.frame.orientation = FOMO_ORIENTATION_90R;
  const FomoFootprint turned = camera.show(frame).footprint;
  EXPECT_NEAR(turned.x, 0.25, 1e-9);
  EXPECT_NEAR(turned.y, 1, 1e-9);
  EXPECT_NEAR(turned.right_y, -1, 1e-9);
  EXPECT_NEAR(turned.down_x, 0.5, 1e-9);
}

TEST(Driver, MarkedFacesAreTurnedUpright) {
  const cv::Mat frame = room(400, 200);
  const FomoBox box{40, 20, 80, 60};
  Camera camera;
  camera.driving.faces = &box;
  camera.driving.face_count = 1;
  camera.driving.frame.orientation = FOMO_ORIENTATION_90R;
  const DriverSight sight = camera.show(frame);
  ASSERT_TRUE(sight.readable);
  EXPECT_NEAR(sight.face.face.x, 200 - 20 - 60, 1e-9);
  EXPECT_NEAR(sight.face.face.y, 40, 1e-9);
  EXPECT_NEAR(sight.face.face.width, 60, 1e-9);
  EXPECT_NEAR(sight.face.face.height, 80, 1e-9);
}

TEST(Driver, AnotherCropRestartsFollowing) {
  Camera camera;
  const cv::Mat frame = somebody();
  EXPECT_EQ(camera.show(frame).face.event, FOMO_FACE_FOUND);
  EXPECT_EQ(camera.show(frame).face.event, FOMO_FACE_UNCHANGED);
  camera.driving.crop = FOMO_CROP_FACE;
  EXPECT_EQ(camera.show(frame).face.event, FOMO_FACE_FOUND);
}

TEST(Driver, AFrameWithoutPixelsIsAnError) {
  Camera camera;
  camera.driving.crop = FOMO_CROP_CENTER;
  EXPECT_THROW(camera.show(cv::Mat()), std::exception);
}

/// A person in the middle of a square frame, turned clockwise.
cv::Mat leaning(double degrees) {
  constexpr int size = 480;
  cv::Mat frame = room(size, size), result;
  put_person(frame, size / 2.0, size / 2.0, 1.2);
  const cv::Mat turn = cv::getRotationMatrix2D({(size - 1) / 2.0F, (size - 1) / 2.0F}, -degrees, 1);
  cv::warpAffine(frame, result, turn, frame.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return result;
}

double degrees_of(const DriverSight& sight) { return sight.square.roll * 180 / kPi; }

TEST(Driver, ALyingFaceIsSeenAsAnUprightOne) {
  Camera upright, lying;
  ASSERT_TRUE(upright.show(leaning(0)).readable);
  for (const int degrees : {90, 180, 270}) {
    lying.driver.restart();
    const DriverSight sight = lying.show(leaning(degrees));
    ASSERT_TRUE(sight.readable) << degrees;
    EXPECT_NEAR(std::abs(std::remainder(degrees_of(sight) - degrees, 360)), 0, 1e-6);
    EXPECT_LT(cv::norm(upright.seen, lying.seen, cv::NORM_L1) / (3.0 * kModel * kModel), 3)
        << degrees;
  }
}

TEST(Driver, TheLeanAtTheStartIsTakenOutAndTiltsAreKept) {
  Camera camera;
  const double start = degrees_of(camera.show(leaning(40)));
  EXPECT_NEAR(start, 40, 9);
  for (int t = 1; t < 150; t++) {
    const DriverSight sight = camera.show(leaning(40 + 15 * std::sin(0.1 * t)));
    EXPECT_EQ(sight.face.state, FOMO_FACE_TRACKING) << t;
    EXPECT_EQ(degrees_of(sight), start) << t;
  }
}

TEST(Driver, AnUprightHeadThatTiltsHasAnUprightCrop) {
  Camera camera;
  for (int t = 0; t < 150; t++)
    EXPECT_EQ(degrees_of(camera.show(leaning(20 * std::sin(0.1 * t)))), 0) << t;
}

TEST(Driver, AHeadThatIsBackUprightHasAnUprightCrop) {
  Camera camera;
  EXPECT_NEAR(degrees_of(camera.show(leaning(35))), 35, 9);
  DriverSight sight;
  for (int t = 0; t < 30; t++)
    sight = camera.show(leaning(35 - 35 * t / 29.0));
  for (int t = 0; t < 100 && degrees_of(sight) != 0; t++)
    sight = camera.show(leaning(0));
  EXPECT_EQ(degrees_of(sight), 0);
  EXPECT_FALSE(sight.new_scene);
}

TEST(Driver, ReportsOnceAFaceThatLies) {
  Camera camera;
  int reports = 0;
  for (int t = 0; t < 60; t++) {
    const DriverSight sight = camera.show(leaning(90));
    if (sight.lies == FOMO_ORIENTATION_IDENTITY)
      continue;
    reports++;
    EXPECT_EQ(sight.lies, FOMO_ORIENTATION_90L);
    EXPECT_GE(t, 25);
  }
  EXPECT_EQ(reports, 1);
  camera.driver.restart();
  for (int t = 0; t < 60; t++)
    EXPECT_EQ(camera.show(leaning(40)).lies, FOMO_ORIENTATION_IDENTITY);
}

} // namespace

} // namespace fomo::test
