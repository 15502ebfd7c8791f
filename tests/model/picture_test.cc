// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures as users have them: every depth and orientation, and files that are none.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "common/error.h"
#include "common/picture.h"

namespace {

using fomo::decode_picture;
using fomo::Picture;

/// A picture whose left half is red and whose right half is blue, 4 high and 8 wide, as a file.
std::vector<uint8_t> file_of(const std::string& extension, int type) {
  const double most = CV_MAT_DEPTH(type) == CV_16U ? 65535 : 255;
  cv::Mat bgr(4 * 8, 8 * 8, type, cv::Scalar(0, 0, most, most));
  if (CV_MAT_CN(type) == 1)
    bgr.setTo(cv::Scalar(most / 2));
  else
    bgr.colRange(4 * 8, 8 * 8).setTo(cv::Scalar(most, 0, 0, 0));
  std::vector<uint8_t> bytes;
  cv::imencode(extension, bgr, bytes);
  return bytes;
}

Picture decode(const std::vector<uint8_t>& bytes) {
  return decode_picture(bytes.data(), bytes.size(), "test");
}

const uint8_t* pixel(const Picture& picture, int x, int y) {
  return &picture.pixels[(static_cast<size_t>(y) * picture.width + x) * picture.channels];
}

/// Calls `body`, which must throw, and returns the error.
template<typename Body>
fomo::Error error_of(Body body) {
  try {
    body();
  } catch (const fomo::Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {FOMO_OK, ""};
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

TEST(PictureTest, PhotographsAreTurnedUpright) {
  std::vector<uint8_t> bytes = file_of(".jpg", CV_8UC3);
  // APP1 with a TIFF header and one entry: orientation (0x112), a short, 6: turn right.
  const uint8_t exif[] = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,    'M', 'M',
                          0,    42,   0, 0,  0,   8,   0,   1,   1, 0x12, 0,   3,
                          0,    0,    0, 1,  0,   6,   0,   0,   0, 0,    0,   0};
  bytes.insert(bytes.begin() + 2, std::begin(exif), std::end(exif));
  const Picture picture = decode(bytes);
  EXPECT_EQ(picture.width, 32);
  EXPECT_EQ(picture.height, 64);
  EXPECT_GT(pixel(picture, 16, 4)[0], 200); // the left is now the top
  EXPECT_GT(pixel(picture, 16, 60)[2], 200);
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

class PictureFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "fomo-picture-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

TEST_F(PictureFileTest, MissingFolderAndEmptyFile) {
  const auto missing = error_of([&] { fomo::load_picture((folder / "none.png").string()); });
  EXPECT_EQ(missing.status(), FOMO_NOT_FOUND);
  const auto directory = error_of([&] { fomo::load_picture(folder.string()); });
  EXPECT_EQ(directory.status(), FOMO_OPEN_READ);
  EXPECT_NE(std::string(directory.what()).find(folder.string()), std::string::npos);
  std::ofstream(folder / "empty.png").close();
  const auto empty = error_of([&] { fomo::load_picture((folder / "empty.png").string()); });
  EXPECT_EQ(empty.status(), FOMO_OPEN_READ);
}

TEST_F(PictureFileTest, WrittenPicturesComeBack) {
  const Picture picture = decode(file_of(".png", CV_8UC4));
  fomo::save_picture(picture, (folder / "copy.png").string());
  EXPECT_EQ(fomo::load_picture((folder / "copy.png").string()).pixels, picture.pixels);
}

} // namespace
