// SPDX-License-Identifier: LGPL-2.1-or-later
// The face detector: decoding, detection in the portrait, framing.
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>

#include <unistd.h>

#include "common/error.h"
#include "face/detector.h"
#include "face/framing.h"
#include "face/yunet.h"
#include "pictures/picture_faces.h"
#include "tests/driver/synthetic_driver.h"

namespace fomo::test {

namespace {

TEST(Yunet, DecodesACell) {
  std::vector<float> face(6, 0.F), object(6, 0.F), box(24, 0.F), landmarks(60, 0.F);
  face[4] = 0.81F;
  object[4] = 1.2F; // clamped to 1
  const float box_of_4[] = {0.5F, -0.25F, std::log(2.F), std::log(3.F)};
  std::copy(box_of_4, box_of_4 + 4, &box[16]);
  landmarks[40] = 1;  // x of the right eye
  landmarks[49] = -2; // y of the mouth's left corner
  std::vector<Face> faces;
  decode_yunet({16, 2, 3, face.data(), object.data(), box.data(), landmarks.data()}, 0.5, faces);
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_NEAR(faces[0].score, 0.9, 1e-6);
  EXPECT_NEAR(center(faces[0].box).x, (1 + 0.5) * 16, 1e-4);
  EXPECT_NEAR(center(faces[0].box).y, (1 - 0.25) * 16, 1e-4);
  EXPECT_NEAR(faces[0].box.width, 32, 1e-4);
  EXPECT_NEAR(faces[0].box.height, 48, 1e-4);
  EXPECT_NEAR(faces[0].landmarks[0].x, 32, 1e-4);
  EXPECT_NEAR(faces[0].landmarks[4].y, -16, 1e-4);
}

TEST(Yunet, KeepsTheBestOfFacesThatOverlap) {
  std::vector<Face> faces(4);
  faces[0].box = {0, 0, 10, 10};
  faces[1].box = {1, 1, 10, 10};
  faces[2].box = {20, 0, 10, 10};
  faces[3].box = {22, 2, 4, 4}; // inside of the third box
  for (size_t i = 0; i < faces.size(); i++)
    faces[i].score = 0.6 + 0.1 * static_cast<double>(i);
  faces[3].score = 0.5;
  suppress_overlaps(faces, 0.3);
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_EQ(faces[0].box.x, 20);
  EXPECT_EQ(faces[1].box.x, 1);
}

TEST(FaceDetector, FindsThePortraitsFace) {
  FaceDetector detector;
  for (int longer_side : {128, 320, 640}) {
    const std::vector<Face> faces = detector.detect(as_image(portrait()), longer_side);
    ASSERT_EQ(faces.size(), 1U) << longer_side;
    EXPECT_GT(overlap(faces[0].box, portrait_face()), 0.7) << longer_side;
    EXPECT_GT(faces[0].score, 0.8);
    // The person's right eye is at the left, the nose is between the eyes, the mouth is below.
    const auto& points = faces[0].landmarks;
    EXPECT_LT(points[0].x, points[1].x);
    EXPECT_LT(points[0].x, points[2].x);
    EXPECT_GT(points[3].y, points[2].y);
    EXPECT_TRUE(faces[0].has_landmarks());
  }
}

TEST(FaceDetector, TakesGreyAndTransparentPictures) {
  FaceDetector detector;
  cv::Mat grey, rgba;
  cv::cvtColor(portrait(), grey, cv::COLOR_RGB2GRAY);
  cv::cvtColor(portrait(), rgba, cv::COLOR_RGB2RGBA);
  for (const cv::Mat& image : {grey, rgba}) {
    const std::vector<Face> faces = detector.detect(as_image(image));
    ASSERT_EQ(faces.size(), 1U);
    EXPECT_GT(overlap(faces[0].box, portrait_face()), 0.7);
  }
}

double processor_seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

TEST(FaceDetector, UsesOnlyTheCallingThreadAndKeepsOpenCvsThreadCount) {
  const int threads = cv::getNumThreads();
  const cv::Mat part = portrait()(cv::Rect(0, 0, 320, 320)).clone();
  FaceDetector detector;
  detector.detect(as_image(part));
  const double all = processor_seconds(CLOCK_PROCESS_CPUTIME_ID),
               own = processor_seconds(CLOCK_THREAD_CPUTIME_ID);
  for (int i = 0; i < 20; i++)
    detector.detect(as_image(part));
  const double spent = processor_seconds(CLOCK_PROCESS_CPUTIME_ID) - all,
               here = processor_seconds(CLOCK_THREAD_CPUTIME_ID) - own;
  EXPECT_GT(here, 0.98 * spent);
  EXPECT_EQ(cv::getNumThreads(), threads);
}

TEST(FaceDetector, FindsNoFaceInAnEmptyRoom) {
  FaceDetector detector;
  EXPECT_TRUE(detector.detect_all(as_image(room(800, 450))).empty());
}

TEST(FaceDetector, FindsSmallFacesOfALargePicture) {
  cv::Mat frame = room(1920, 1080);
  // Faces of 20 pixels, one of them at the seam of two tiles, and a large face.
  std::vector<Box> places;
  for (const auto& [x, y, scale] :
       {std::tuple(300.0, 200.0, 0.22), std::tuple(640.0, 545.0, 0.22),
        std::tuple(1800.0, 900.0, 0.25), std::tuple(1200.0, 500.0, 3.0)})
    places.push_back(put_person(frame, x, y, scale));
  FaceDetector detector;
  const std::vector<Face> faces = detector.detect_all(as_image(frame));
  EXPECT_EQ(faces.size(), places.size());
  for (const Box& place : places) {
    double best = 0;
    for (const Face& face : faces)
      best = std::max(best, overlap(face.box, place));
    EXPECT_GT(best, 0.4) << "face at " << center(place).x << ", " << center(place).y;
  }
}

TEST(FaceDetector, FindsSmallFacesOfALongPicture) {
  cv::Mat frame = room(9000, 400);
  std::vector<Box> places;
  for (const double x : {500.0, 4600.0, 8300.0})
    places.push_back(put_person(frame, x, 200, 30.0 / portrait_face().width));
  FaceDetector detector;
  const std::vector<Face> faces = detector.detect_all(as_image(frame));
  ASSERT_EQ(faces.size(), places.size());
  for (const Box& place : places) {
    double best = 0;
    for (const Face& face : faces)
      best = std::max(best, overlap(face.box, place));
    EXPECT_GT(best, 0.4) << "face at " << center(place).x;
  }
}

TEST(FaceDetector, FindsALoneFaceOf16Pixels) {
  cv::Mat frame = room(1920, 1080);
  const Box place = put_person(frame, 1234, 567, 16.0 / portrait_face().width);
  FaceDetector detector;
  const std::vector<Face> faces = detector.detect_all(as_image(frame));
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_GT(overlap(faces[0].box, place), 0.4);
}

TEST(FaceDetector, FindsFacesAtTheEdgeAndFacesThatFillThePicture) {
  FaceDetector detector;
  cv::Mat frame = room(640, 360);
  const Box cut = put_person(frame, 20, 150);
  const std::vector<Face> at_edge = detector.detect_all(as_image(frame));
  ASSERT_EQ(at_edge.size(), 1U);
  EXPECT_NEAR(center(at_edge[0].box).y, center(cut).y, 20);
  cv::Mat close_up;
  cv::resize(portrait()(cv::Rect(172, 55, 106, 124)), close_up, {1500, 1755});
  ASSERT_EQ(detector.detect_all(as_image(close_up)).size(), 1U);
}

TEST(FaceDetector, HugeAndTinyPicturesDoNoHarm) {
  FaceDetector detector;
  cv::Mat huge;
  cv::resize(portrait(), huge, {7680, 4320});
  EXPECT_GE(detector.detect_all(as_image(huge)).size(), 1U);
  cv::Mat dot(1, 1, CV_8UC3, cv::Scalar(0)), line(2, 3000, CV_8UC3, cv::Scalar(9));
  EXPECT_TRUE(detector.detect_all(as_image(dot)).empty());
  EXPECT_TRUE(detector.detect_all(as_image(line)).empty());
  EXPECT_THROW(detector.detect({}), Error);
}

TEST(FaceDetector, ErrorsNameTheFileAndTheReason) {
  try {
    FaceDetector("/nowhere/face.onnx").detect(as_image(portrait()));
    FAIL() << "loaded";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("/nowhere/face.onnx"), std::string::npos);
  }
}

// The streaming thread calls detect() after load().
TEST(FaceDetector, ReadsNothingAfterItWasLoaded) {
  const std::string copy = testing::TempDir() + "fomo_yunet_" + std::to_string(getpid()) + ".onnx";
  std::filesystem::copy_file(FOMO_ASSETS "/face/face_detection_yunet_2023mar.onnx", copy);
  FaceDetector detector(copy);
  detector.load({128, 320});
  std::filesystem::remove(copy);
  EXPECT_EQ(detector.detect(as_image(portrait()), 320).size(), 1U);
  EXPECT_EQ(detector.detect(as_image(portrait()(cv::Rect(80, 0, 300, 300))), 128).size(), 1U);
}

TEST(Faces, AreCountedBySize) {
  std::vector<Face> faces(3);
  faces[0].box = {50, 0, 10, 10};
  faces[1].box = {90, 0, 30, 30};
  faces[2].box = {0, 0, 20, 20};
  sort_by_size(faces);
  EXPECT_EQ(faces[0].box.width, 30);
  EXPECT_EQ(faces[2].box.width, 10);
}

TEST(Framing, TheFaceFillsHalfOfTheSquare) {
  const Box face{900, 400, 100, 121};
  const Square crop = face_crop(face, 0, 1920, 1080);
  EXPECT_NEAR(crop.size, 2 * 110, 1e-9);
  EXPECT_NEAR(crop.cx, 950, 1e-9);
  EXPECT_LT(crop.cy, center(face).y);
}

TEST(Framing, KeepsTheSquareInsideTheFrame) {
  // Near the border the square moves inwards, but not so far that the face leaves its centre; then
  // it shrinks.
  const Square beside = face_crop({30, 400, 100, 121}, 0, 1920, 1080);
  EXPECT_NEAR(beside.size, 2 * 110, 1e-9);
  EXPECT_NEAR(box_of(beside).x, 0, 1e-9);
  const Square near = face_crop({15, 400, 100, 121}, 0, 1920, 1080);
  EXPECT_LT(near.size, 2 * 110);
  EXPECT_NEAR(box_of(near).x, 0, 1e-9);
  EXPECT_NEAR(near.cx - 65, 0.15 * near.size, 1e-9);
  // A face at the very border is padded, as little as its frame allows.
  const Square at = face_crop({0, 400, 100, 121}, 0, 1920, 1080);
  EXPECT_NEAR(at.size, 1.6 * 110, 1e-9);
  EXPECT_NEAR(at.cx - 50, 0.15 * at.size, 1e-9);
  // A frame that shows little more than the face is used whole.
  const Square close = face_crop({120, 90, 250, 340}, 0, 480, 480);
  EXPECT_NEAR(close.size, 480, 1e-9);
  EXPECT_NEAR(close.cx, 240, 1e-9);
  EXPECT_NEAR(close.cy, 240, 1e-9);
  // A face larger than its frame is padded.
  EXPECT_NEAR(face_crop({0, 0, 480, 480}, 0, 480, 480).size, 1.6 * 480, 1e-9);
}

TEST(Framing, ATurnedSquareStaysInsideWithItsCorners) {
  const double roll = kPi / 6;
  const Square crop = face_crop({60, 400, 100, 121}, roll, 1920, 1080);
  EXPECT_EQ(crop.roll, roll);
  EXPECT_GE(crop.cx - turned_extent(roll) * crop.size / 2, -1e-9);
  EXPECT_LT(crop.size, 2 * 110);
  // What is above the face is above it in its own axes.
  const Square lies = face_crop({900, 400, 100, 121}, kPi / 2, 1920, 1080);
  EXPECT_NEAR(lies.cx - 950, 0.05 * 110, 1e-9);
  EXPECT_NEAR(lies.cy - 460.5, 0, 1e-9);
}

TEST(PictureFaces, AreFramedAsByHand) {
  FaceDetector detector;
  const std::vector<PictureFace> faces = find_picture_faces(detector, as_image(portrait()));
  ASSERT_EQ(faces.size(), 1U);
  const Square by_hand{222, 113, 198};
  EXPECT_NEAR(faces[0].crop.size, by_hand.size, 0.08 * by_hand.size);
  EXPECT_NEAR(faces[0].crop.cx, by_hand.cx, 0.04 * by_hand.size);
  EXPECT_NEAR(faces[0].crop.cy, by_hand.cy, 0.04 * by_hand.size);
}

/// The portrait turned clockwise about its middle, in a larger picture.
cv::Mat turned_portrait(double degrees) {
  constexpr int size = 724; // holds it at any angle
  const cv::Mat& upright = portrait();
  cv::Mat turn = cv::getRotationMatrix2D({256, 256}, -degrees, 1), result;
  turn.at<double>(0, 2) += size / 2.0 - 256;
  turn.at<double>(1, 2) += size / 2.0 - 256;
  cv::warpAffine(upright, result, turn, {size, size}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return result;
}

TEST(PictureFaces, HaveTheirRollTakenOut) {
  FaceDetector detector;
  const Square upright = find_picture_faces(detector, as_image(portrait()))[0].crop;
  EXPECT_EQ(upright.roll, 0);
  for (const double degrees : {-150, -90, -60, -25, 25, 45, 90, 135, 180}) {
    const cv::Mat picture = turned_portrait(degrees);
    const auto faces = find_large_faces(detector, as_image(picture));
    ASSERT_EQ(faces.size(), 1U) << degrees;
    const Square& crop = faces[0].crop;
    EXPECT_LT(std::abs(wrapped(crop.roll - degrees * kPi / 180)), 9 * kPi / 180) << degrees;
    EXPECT_NEAR(crop.size, upright.size, 0.08 * upright.size) << degrees;
    const Point place =
        turned({upright.cx + 106, upright.cy + 106}, {362, 362}, degrees * kPi / 180);
    EXPECT_NEAR(crop.cx, place.x, 0.05 * upright.size) << degrees;
    EXPECT_NEAR(crop.cy, place.y, 0.05 * upright.size) << degrees;
  }
}

TEST(PictureFaces, AreFoundWhereTheDetectorSeesNoneUpright) {
  cv::Mat frame = room(400, 300), picture;
  put_person(frame, 200, 150, 0.3);
  cv::rotate(frame, picture, cv::ROTATE_180);
  FaceDetector detector;
  ASSERT_TRUE(detector.detect_large(as_image(picture)).empty());
  const auto faces = find_picture_faces(detector, as_image(picture));
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_NEAR(std::abs(faces[0].crop.roll), kPi, 0.3);
}

TEST(PictureFaces, TheLargestComesFirst) {
  cv::Mat frame = room(900, 500);
  put_person(frame, 200, 200, 0.8);
  const Box large = put_person(frame, 600, 250, 1.6);
  FaceDetector detector;
  const auto faces = find_picture_faces(detector, as_image(frame));
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_GT(overlap(faces[0].face.box, large), 0.5);
}

} // namespace

} // namespace fomo::test
