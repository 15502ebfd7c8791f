// SPDX-License-Identifier: LGPL-2.1-or-later
// The visible letters: where they are, how large they are, and that they stand out on any picture.
#include "mark/visible_mark.h"

#include <gtest/gtest.h>

#include "tests/mark/pictures.h"

namespace fomo {
namespace {

constexpr FomoCorner kCorners[] = {FOMO_CORNER_TOP_LEFT, FOMO_CORNER_TOP_RIGHT,
                                   FOMO_CORNER_BOTTOM_LEFT, FOMO_CORNER_BOTTOM_RIGHT};

/// The box of the pixels that differ.
cv::Rect changed(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat difference;
  cv::absdiff(a, b, difference);
  return cv::boundingRect(luma_of(difference) > 0);
}

cv::Mat with_letters(const cv::Mat& picture, double size, FomoCorner corner) {
  cv::Mat result = picture.clone();
  draw_visible_mark(as_image(result), size, corner);
  return result;
}

TEST(VisibleMark, IsInItsCorner) {
  const cv::Mat picture(300, 400, CV_8UC3, cv::Scalar(90, 120, 150));
  for (const FomoCorner corner : kCorners) {
    const cv::Rect box = changed(picture, with_letters(picture, 0.1, corner));
    const bool right = corner == FOMO_CORNER_TOP_RIGHT || corner == FOMO_CORNER_BOTTOM_RIGHT;
    const bool bottom = corner == FOMO_CORNER_BOTTOM_LEFT || corner == FOMO_CORNER_BOTTOM_RIGHT;
    // The letters are 30 pixels high, the plate 45, the margin 12.
    EXPECT_NEAR(box.height, 45, 1);
    EXPECT_EQ(right ? 400 - box.br().x : box.x, 12);
    EXPECT_EQ(bottom ? 300 - box.br().y : box.y, 12);
  }
}

// White letters on a plate that is dark on any picture: a ratio of at least 3 between their values.
TEST(VisibleMark, StandsOutOnEveryPicture) {
  for (const int level : {0, 60, 128, 200, 255}) {
    const cv::Mat picture(256, 256, CV_8UC3, cv::Scalar::all(level));
    const cv::Mat result = with_letters(picture, 0.08, FOMO_CORNER_TOP_LEFT);
    const cv::Rect plate(8, 8, 33, 30); // 20 pixels high letters, margin 8
    cv::Mat luma = luma_of(result)(plate);
    double least, most;
    cv::minMaxLoc(luma, &least, &most);
    EXPECT_EQ(most, 255);
    EXPECT_LE(least, 0.46 * 255);
    // The letters cover between an eighth and a half of the plate.
    const int white = cv::countNonZero(luma > 200);
    EXPECT_GT(white, plate.area() / 8);
    EXPECT_LT(white, plate.area() / 2);
  }
}

TEST(VisibleMark, HasALeastSizeAndFitsEveryFrame) {
  const cv::Mat picture(256, 256, CV_8UC3, cv::Scalar(90, 120, 150));
  EXPECT_NEAR(changed(picture, with_letters(picture, 0.001, FOMO_CORNER_TOP_LEFT)).height, 21, 1);
  for (const auto size : {cv::Size(1, 1), cv::Size(16, 16), cv::Size(16, 900), cv::Size(900, 17)})
    for (const FomoCorner corner : kCorners) {
      const cv::Mat small(size, CV_8UC3, cv::Scalar(90, 120, 150));
      with_letters(small, 0.5, corner); // the sanitizers would tell
    }
  const cv::Mat small(40, 40, CV_8UC3, cv::Scalar(90, 120, 150));
  const cv::Rect box = changed(small, with_letters(small, 0.5, FOMO_CORNER_BOTTOM_RIGHT));
  EXPECT_GT(box.x, 0);
  EXPECT_GT(box.y, 0);
}

TEST(VisibleMark, MakesThePlateOpaque) {
  const cv::Mat picture(100, 100, CV_8UC4, cv::Scalar(90, 120, 150, 0));
  const cv::Mat result = with_letters(picture, 0.2, FOMO_CORNER_TOP_LEFT);
  EXPECT_EQ(result.at<cv::Vec4b>(20, 20)[3], 255);
  EXPECT_EQ(result.at<cv::Vec4b>(90, 90)[3], 0);
}

} // namespace
} // namespace fomo
