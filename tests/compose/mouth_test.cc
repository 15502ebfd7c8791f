// SPDX-License-Identifier: LGPL-2.1-or-later
// A mouth that opens: teeth stay with the skull, behind them it is dark.
#include "compose/mouth.h"

#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

namespace fomo {
namespace {

constexpr int kSize = 256, kCells = 64, kWidth = 60;
const cv::Point kMouth(128, 170);
const cv::Scalar kSkin(205, 160, 135), kLips(165, 80, 80), kTeeth(235, 232, 225);

float coordinate(int pixel) { return (static_cast<float>(pixel) - 1.5F) / 126 - 1; }

/// A face's mouth with lips `gap` apart; teeth fill the gap.
cv::Mat face(int gap) {
  cv::Mat image(kSize, kSize, CV_8UC3, kSkin);
  cv::ellipse(image, kMouth, {kWidth / 2 + 6, gap / 2 + 14}, 0, 0, 360, kLips, cv::FILLED);
  if (gap > 0)
    cv::ellipse(image, kMouth, {kWidth / 2, gap / 2}, 0, 0, 360, kTeeth, cv::FILLED);
  return image;
}

std::shared_ptr<Picture> picture_of(const cv::Mat& image) {
  return std::make_shared<Picture>(
      Picture{image.cols, image.rows, image.channels(), {image.datastart, image.dataend}});
}

/// Forehead, nose, the person's left and right corner, upper and lower lip.
KeypointSet keypoints(int upper, int lower) {
  KeypointSet result;
  result.count = 6;
  result.first_mouth = 2;
  const cv::Point at[] = {{128, 60},
                          {128, 130},
                          {kMouth.x + kWidth / 2, kMouth.y},
                          {kMouth.x - kWidth / 2, kMouth.y},
                          {128, upper},
                          {128, lower}};
  for (const cv::Point& point : at)
    result.value.insert(result.value.end(), {coordinate(point.x), coordinate(point.y)});
  return result;
}

/// Nothing moves; between the lips the picture is hidden.
struct Motion {
  std::vector<float> deformation, occlusion;
  MotionField field() const {
    return {kCells, kCells, deformation.data(), occlusion.data(), true, kCells, kCells, nullptr};
  }
  explicit Motion(int lower) {
    for (int y = 0; y < kCells; y++)
      for (int x = 0; x < kCells; x++) {
        deformation.push_back(2.0F * static_cast<float>(x) / (kCells - 1) - 1);
        deformation.push_back(2.0F * static_cast<float>(y) / (kCells - 1) - 1);
        const bool between =
            std::abs(4 * x - kMouth.x) < kWidth / 2 && 4 * y > kMouth.y - 8 && 4 * y < lower;
        occlusion.push_back(between ? 0.0F : 1.0F);
      }
  }
};

cv::Mat draw(const SourceMouth& mouth, cv::Mat frame, int upper, int lower) {
  const Motion motion(lower);
  mouth.draw(
      motion.field(), keypoints(upper, lower),
      {frame.data, frame.cols, frame.rows, static_cast<ptrdiff_t>(frame.step), frame.channels()});
  return frame;
}

std::shared_ptr<const SourceMouth> mouth_of(const cv::Mat& image, const KeypointSet& keypoints) {
  return SourceMouth::make(*picture_of(image), {0, 0, kSize, kSize}, keypoints, {kSize, kSize});
}

TEST(Mouth, TeethOfThePictureStayWithTheUpperLip) {
  const cv::Mat picture = face(12);
  const auto mouth = mouth_of(picture, keypoints(164, 176));
  ASSERT_TRUE(mouth);
  // What tears teeth apart: a frame whose opening is violet.
  cv::Mat frame = picture.clone();
  cv::ellipse(frame, {128, 185}, {kWidth / 2, 24}, 0, 0, 360, {120, 60, 200}, cv::FILLED);
  draw(*mouth, frame, 164, 206);
  const cv::Vec3b tooth = frame.at<cv::Vec3b>(170, 128), inside = frame.at<cv::Vec3b>(190, 128);
  for (int c = 0; c < 3; c++)
    EXPECT_NEAR(tooth[c], kTeeth[c], 12);
  EXPECT_LT(inside[0], 0.5 * kSkin[0]);
  EXPECT_GT(inside[0], inside[2]) << "the inside is violet";
}

TEST(Mouth, PictureWithShutLipsGetsTeethInItsOwnLight) {
  for (const double light : {1.0, 0.4}) {
    const cv::Mat picture = face(0) * light;
    const auto mouth = mouth_of(picture, keypoints(169, 171));
    ASSERT_TRUE(mouth);
    const cv::Mat frame = draw(*mouth, picture.clone(), 169, 210);
    const cv::Vec3b tooth = frame.at<cv::Vec3b>(171, 120), inside = frame.at<cv::Vec3b>(185, 128);
    EXPECT_GT(tooth[1], inside[1] + 40 * light);
    EXPECT_LT(tooth[1], 1.1 * light * kSkin[0]);
    EXPECT_LT(inside[1], 0.5 * light * kSkin[1]);
  }
}

TEST(Mouth, NothingChangesUntilTheMouthOpensWiderThanInThePicture) {
  const cv::Mat picture = face(12);
  const auto mouth = mouth_of(picture, keypoints(164, 176));
  ASSERT_TRUE(mouth);
  for (const int lower : {170, 176}) {
    const cv::Mat frame = draw(*mouth, picture.clone(), 164, lower);
    EXPECT_EQ(cv::norm(frame, picture, cv::NORM_INF), 0) << lower;
  }
}

TEST(Mouth, AlphaStaysAndSoDoesWhatIsOutsideTheLips) {
  const auto mouth = mouth_of(face(12), keypoints(164, 176));
  ASSERT_TRUE(mouth);
  cv::Mat before(kSize, kSize, CV_8UC4, cv::Scalar(10, 20, 30, 77));
  const cv::Mat frame = draw(*mouth, before.clone(), 164, 206);
  cv::Mat alpha;
  cv::extractChannel(frame, alpha, 3);
  EXPECT_EQ(cv::countNonZero(alpha != 77), 0);
  const cv::Rect around(128 - kWidth, 140, 2 * kWidth, 90);
  cv::Mat changed;
  cv::extractChannel(cv::abs(frame - before), changed, 0);
  EXPECT_GT(cv::countNonZero(changed(around)), 500);
  EXPECT_EQ(cv::countNonZero(changed), cv::countNonZero(changed(around)));
}

TEST(Mouth, NoneWithoutNamesAndNoneOfAMouthThatIsWideOpen) {
  KeypointSet unnamed = keypoints(164, 176);
  unnamed.first_mouth = 0;
  EXPECT_FALSE(mouth_of(face(12), unnamed));
  EXPECT_FALSE(mouth_of(face(40), keypoints(150, 190)));
}

} // namespace
} // namespace fomo
