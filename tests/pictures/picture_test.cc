// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures as users have them: every depth and orientation, and files that are none.
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/log.h"
#include "pictures/picture.h"
#include "tests/pictures/decoded.h"
#include "tests/pictures/files.h"

namespace {

using fomo::decode_picture;
using fomo::Picture;
using fomo::test::cmyk_file;
using fomo::test::decode;
using fomo::test::error_of;
using fomo::test::file_of;
using fomo::test::insert_chunk;
using fomo::test::noisy_file;
using fomo::test::pixel;

/// What OpenCV makes of an 8-bit picture with three or four channels.
std::vector<uint8_t> as_opencv_decodes(const std::vector<uint8_t>& file) {
  cv::Mat image = cv::imdecode(file, cv::IMREAD_UNCHANGED), rgb;
  if (image.channels() == 1)
    cv::merge(std::vector<cv::Mat>(3, image), rgb);
  else
    cv::cvtColor(image, rgb, image.channels() == 4 ? cv::COLOR_BGRA2RGBA : cv::COLOR_BGR2RGB);
  return {rgb.datastart, rgb.dataend};
}

TEST(PictureTest, ColoursAreRedGreenBlue) {
  for (const char* extension : {".png", ".bmp", ".jpg", ".webp", ".tiff"}) {
    const Picture picture = decode(file_of(extension, CV_8UC3));
    ASSERT_EQ(picture.channels, 3) << extension;
    EXPECT_GT(pixel(picture, 4, 4)[0], 200) << extension;
    EXPECT_LT(pixel(picture, 4, 4)[2], 60) << extension;
    EXPECT_GT(pixel(picture, 60, 4)[2], 200) << extension;
  }
}

TEST(PictureTest, GreyBecomesColour) {
  const Picture picture = decode(file_of(".png", CV_8UC1));
  ASSERT_EQ(picture.channels, 3);
  for (int c = 0; c < 3; c++)
    EXPECT_NEAR(pixel(picture, 10, 10)[c], 128, 1);
}

TEST(PictureTest, SixteenBitsKeepTheirRange) {
  const Picture picture = decode(file_of(".png", CV_16UC3));
  EXPECT_EQ(pixel(picture, 4, 4)[0], 255);
  EXPECT_EQ(pixel(picture, 4, 4)[1], 0);
}

TEST(PictureTest, PrintersColoursBecomeRed) {
  const Picture picture = decode(cmyk_file(255, 0, 0, 255));
  ASSERT_EQ(picture.channels, 3);
  EXPECT_EQ(picture.width, 32);
  EXPECT_EQ(picture.height, 16);
  EXPECT_GT(pixel(picture, 8, 8)[0], 230);
  EXPECT_LT(pixel(picture, 8, 8)[1], 25);
  EXPECT_LT(pixel(picture, 8, 8)[2], 25);
  const Picture dark = decode(cmyk_file(255, 255, 255, 64)); // black ink alone
  for (int c = 0; c < 3; c++)
    EXPECT_NEAR(pixel(dark, 8, 8)[c], 64, 12);
}

/// A picture of 4 x 3 pixels of different greys: 10, 20, 30, 40 in the first row, and so on.
Picture twelve_greys() {
  Picture picture{4, 3, 3, {}};
  for (int i = 1; i <= 12; i++)
    picture.pixels.insert(picture.pixels.end(), 3, static_cast<uint8_t>(10 * i));
  return picture;
}

TEST(ResizeRegionTest, RepeatsTheBorderBeyondThePicture) {
  const auto seen = resize_region(twelve_greys(), {-2, -1, 8, 6}, 8, 6);
  ASSERT_EQ(seen.size(), size_t{8 * 6 * 3});
  const int expected[6][8] = {
      {10, 10, 10, 20, 30, 40, 40, 40},      {10, 10, 10, 20, 30, 40, 40, 40},
      {50, 50, 50, 60, 70, 80, 80, 80},      {90, 90, 90, 100, 110, 120, 120, 120},
      {90, 90, 90, 100, 110, 120, 120, 120}, {90, 90, 90, 100, 110, 120, 120, 120}};
  for (int y = 0; y < 6; y++)
    for (int x = 0; x < 8; x++)
      for (int c = 0; c < 3; c++)
        EXPECT_EQ(seen[(static_cast<size_t>(y) * 8 + x) * 3 + c], expected[y][x]) << x << ", " << y;
}

TEST(ResizeRegionTest, ReachesOutOnOneSideAlone) {
  const auto seen = resize_region(twelve_greys(), {3, 1, 3, 2}, 3, 2);
  for (int x = 0; x < 3; x++) {
    EXPECT_EQ(seen[static_cast<size_t>(x) * 3], 80) << x;
    EXPECT_EQ(seen[(3 + static_cast<size_t>(x)) * 3], 120) << x;
  }
}

TEST(ResizeRegionTest, TransparencyBeyondTheBorderIsGreyToo) {
  const Picture clear{1, 1, 4, {200, 100, 0, 0}};
  for (const uint8_t value : resize_region(clear, {-1, -1, 3, 3}, 3, 3))
    EXPECT_EQ(value, 128);
}

TEST(ResizeRegionTest, RefusesWhatLiesOutside) {
  for (const cv::Rect& region :
       {cv::Rect{4, 0, 2, 2}, {-2, 0, 2, 2}, {0, 3, 2, 2}, {0, -5, 2, 2}}) {
    const auto error = error_of([&] { resize_region(twelve_greys(), region, 2, 2); });
    EXPECT_EQ(error.status(), FOMO_SETTINGS);
  }
}

TEST(PictureTest, TransparencyIsKeptAndLaidOverGreyForTheModel) {
  const Picture picture = decode(file_of(".png", CV_8UC4));
  ASSERT_EQ(picture.channels, 4);
  EXPECT_EQ(pixel(picture, 4, 4)[3], 255);
  EXPECT_EQ(pixel(picture, 60, 4)[3], 0);
  const auto seen = resize_region(picture, {0, 0, picture.width, picture.height}, 2, 1);
  EXPECT_EQ(seen[0], 255);
  EXPECT_EQ(seen[3], 128);
  EXPECT_EQ(seen[5], 128);
}

TEST(PictureTest, PlainFilesHaveOpenCvsPixels) {
  const std::vector<std::vector<uint8_t>> files = {
      noisy_file(".png", CV_8UC3),
      noisy_file(".png", CV_8UC4),
      noisy_file(".png", CV_8UC1),
      noisy_file(".jpg", CV_8UC3),
      noisy_file(".jpg", CV_8UC1),
      noisy_file(".jpg", CV_8UC3, {cv::IMWRITE_JPEG_PROGRESSIVE, 1, cv::IMWRITE_JPEG_QUALITY, 40}),
      noisy_file(".webp", CV_8UC3),
      noisy_file(".webp", CV_8UC4),
      noisy_file(".tiff", CV_8UC3),
      noisy_file(".tiff", CV_8UC4),
      noisy_file(".tiff", CV_8UC1),
      noisy_file(".bmp", CV_8UC3),
      noisy_file(".bmp", CV_8UC1),
      noisy_file(".bmp", CV_8UC4),
  };
  for (size_t i = 0; i < files.size(); i++) {
    const Picture picture = decode(files[i]);
    EXPECT_EQ(picture.width, 61) << i;
    EXPECT_EQ(picture.height, 47) << i;
    EXPECT_EQ(picture.pixels, as_opencv_decodes(files[i])) << i;
  }
}

TEST(PictureTest, DamagedPngFilesAreRefused) {
  const std::vector<uint8_t> whole = noisy_file(".png", CV_8UC3);
  for (size_t size = 0; size + 20 < whole.size(); size += 7)
    error_of([&] { decode({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)}); });
}

/// What the libraries say about `file` goes to the log and not to the standard error.
std::string log_of(const std::vector<uint8_t>& file) {
  std::string text;
  fomo::set_log(
      [](int, const char* message, void* user) { *static_cast<std::string*>(user) += message; },
      &text);
  testing::internal::CaptureStderr();
  try {
    decode(file);
  } catch (const fomo::Error&) {
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  fomo::set_log(nullptr, nullptr);
  return text;
}

TEST(PictureTest, WarningsGoToTheLog) {
  std::vector<uint8_t> png = noisy_file(".png", CV_8UC3);
  insert_chunk(png, "tEXt", {'a', 0, 'b'});
  png[44]++; // the chunk's checksum
  EXPECT_NE(log_of(png).find("libpng: tEXt: CRC error"), std::string::npos);
  std::vector<uint8_t> jpeg = noisy_file(".jpg", CV_8UC3);
  jpeg.resize(jpeg.size() / 2);
  EXPECT_NE(log_of(jpeg).find("libjpeg: Premature end"), std::string::npos);
  std::vector<uint8_t> tiff = noisy_file(".tiff", CV_8UC3);
  tiff.resize(tiff.size() / 2);
  EXPECT_NE(log_of(tiff).find("libtiff: "), std::string::npos);
}

TEST(PictureTest, WhatIsNoPictureIsNamed) {
  const std::string text = "<html>quota exceeded</html>";
  const auto error = error_of([&] {
    decode_picture(reinterpret_cast<const uint8_t*>(text.data()), text.size(), "page.jpg");
  });
  EXPECT_EQ(error.status(), FOMO_WRONG_TYPE);
  EXPECT_NE(std::string(error.what()).find("page.jpg"), std::string::npos);
}

TEST(PictureTest, DamagedFilesAreErrorsOrPictures) {
  for (const char* extension : {".png", ".jpg", ".webp", ".tiff", ".bmp"}) {
    const std::vector<uint8_t> whole = file_of(extension, CV_8UC3);
    for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 20) {
      try {
        decode({whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)});
      } catch (const fomo::Error& error) {
        EXPECT_NE(std::string(error.what()).find("test"), std::string::npos);
      }
    }
  }
}

} // namespace
