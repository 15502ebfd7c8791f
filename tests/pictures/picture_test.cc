// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures as users have them: every depth and orientation, and files that are none.
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "pictures/picture.h"
#include "pictures/quick_decode.h"
#include "tests/pictures/decoded.h"

namespace {

using fomo::decode_picture;
using fomo::Picture;
using fomo::test::decode;
using fomo::test::error_of;
using fomo::test::pixel;

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

/// A picture of all colours with noise, 61 wide and 47 high: what decoders could disagree about.
std::vector<uint8_t> noisy_file(const std::string& extension, int type,
                                const std::vector<int>& settings = {}) {
  cv::Mat image(47, 61, type);
  cv::RNG(7).fill(image, cv::RNG::UNIFORM, 0, CV_MAT_DEPTH(type) == CV_16U ? 65536 : 256);
  std::vector<uint8_t> bytes;
  cv::imencode(extension, image, bytes, settings);
  return bytes;
}

/// What OpenCV makes of an 8-bit picture with three or four channels.
std::vector<uint8_t> as_opencv_decodes(const std::vector<uint8_t>& file) {
  cv::Mat image = cv::imdecode(file, cv::IMREAD_UNCHANGED), rgb;
  if (image.channels() == 1)
    cv::merge(std::vector<cv::Mat>(3, image), rgb);
  else
    cv::cvtColor(image, rgb, image.channels() == 4 ? cv::COLOR_BGRA2RGBA : cv::COLOR_BGR2RGB);
  return {rgb.datastart, rgb.dataend};
}

/// A chunk for a PNG file's header; its checksum is right.
void insert_chunk(std::vector<uint8_t>& png, const std::string& type,
                  const std::vector<uint8_t>& body) {
  std::vector<uint8_t> chunk{0, 0, 0, static_cast<uint8_t>(body.size())};
  chunk.insert(chunk.end(), type.begin(), type.end());
  chunk.insert(chunk.end(), body.begin(), body.end());
  uint32_t sum = 0xffffffff;
  for (size_t i = 4; i < chunk.size(); i++) {
    sum ^= chunk[i];
    for (int bit = 0; bit < 8; bit++)
      sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
  }
  for (int shift = 24; shift >= 0; shift -= 8)
    chunk.push_back(static_cast<uint8_t>(~sum >> shift));
  png.insert(png.begin() + 33, chunk.begin(), chunk.end());
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

/// A CMYK JPEG as printers' programs write it (Adobe's marker, all four inverted), 32 wide and 16
/// high, in one colour of 0 (much ink) to 255 (none).
std::vector<uint8_t> cmyk_file(uint8_t cyan, uint8_t magenta, uint8_t yellow, uint8_t black) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = 32;
  info.image_height = 16;
  info.input_components = 4;
  info.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&info);
  info.write_Adobe_marker = TRUE;
  jpeg_start_compress(&info, TRUE);
  std::vector<uint8_t> row;
  for (int x = 0; x < 32; x++)
    row.insert(row.end(), {cyan, magenta, yellow, black});
  while (info.next_scanline < info.image_height) {
    JSAMPROW line = row.data();
    jpeg_write_scanlines(&info, &line, 1);
  }
  jpeg_finish_compress(&info);
  const std::vector<uint8_t> file(data, data + size);
  jpeg_destroy_compress(&info);
  free(data);
  return file;
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

TEST(PictureTest, HugePicturesAreScaledDownInShape) {
  Picture huge{7680, 432, 4, {}};
  huge.pixels.resize(size_t{7680} * 432 * 4, 90);
  const Picture limited = fomo::limit_picture(std::move(huge));
  EXPECT_EQ(limited.width, 4096);
  EXPECT_EQ(limited.height, 230);
  ASSERT_EQ(limited.pixels.size(), size_t{4096} * 230 * 4);
  EXPECT_EQ(pixel(limited, 4095, 229)[3], 90);
  const Picture thin = fomo::limit_picture({1, 20000, 3, std::vector<uint8_t>(60000, 7)});
  EXPECT_EQ(thin.width, 1);
  EXPECT_EQ(thin.height, 4096);
  const Picture small = fomo::limit_picture({4096, 1, 3, std::vector<uint8_t>(4096 * 3, 7)});
  EXPECT_EQ(small.width, 4096);
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

TEST(QuickDecodeTest, GivesOpenCvsPixels) {
  const std::vector<std::vector<uint8_t>> files = {
      noisy_file(".png", CV_8UC3),
      noisy_file(".png", CV_8UC4),
      noisy_file(".jpg", CV_8UC3),
      noisy_file(".jpg", CV_8UC1),
      noisy_file(".jpg", CV_8UC3, {cv::IMWRITE_JPEG_PROGRESSIVE, 1, cv::IMWRITE_JPEG_QUALITY, 40}),
  };
  for (size_t i = 0; i < files.size(); i++) {
    const auto picture = fomo::quick_decode(files[i].data(), files[i].size());
    ASSERT_TRUE(picture) << i;
    EXPECT_EQ(picture->width, 61) << i;
    EXPECT_EQ(picture->height, 47) << i;
    EXPECT_EQ(picture->pixels, as_opencv_decodes(files[i])) << i;
    EXPECT_EQ(picture->pixels, decode(files[i]).pixels) << i;
  }
}

TEST(QuickDecodeTest, LeavesTheUnusualToOpenCv) {
  std::vector<uint8_t> gamma = noisy_file(".png", CV_8UC3), usual = gamma, transparent = gamma;
  insert_chunk(gamma, "gAMA", {0, 1, 0x86, 0xa0}); // linear
  insert_chunk(usual, "gAMA", {0, 0, 0xb1, 0x8f}); // 1/2.2
  insert_chunk(transparent, "tRNS", {0, 1, 0, 2, 0, 3});
  const auto quick = [](const std::vector<uint8_t>& file) {
    return fomo::quick_decode(file.data(), file.size()).has_value();
  };
  EXPECT_TRUE(quick(usual));
  EXPECT_EQ(decode(usual).pixels, as_opencv_decodes(usual));
  for (const auto& file :
       {gamma, transparent, noisy_file(".png", CV_16UC3), noisy_file(".png", CV_8UC1),
        noisy_file(".webp", CV_8UC3), noisy_file(".bmp", CV_8UC3)})
    EXPECT_FALSE(quick(file));
  EXPECT_EQ(decode(gamma).pixels, as_opencv_decodes(gamma));
  EXPECT_EQ(decode(transparent).channels, 4);
}

TEST(QuickDecodeTest, LeavesTheDamagedToOpenCv) {
  for (const char* extension : {".png", ".jpg"}) {
    const std::vector<uint8_t> whole = noisy_file(extension, CV_8UC3);
    for (size_t size = 0; size < whole.size() - 20; size += 7)
      EXPECT_FALSE(fomo::quick_decode(whole.data(), size)) << extension << " " << size;
  }
  // A picture that claims to be larger than any must not be believed.
  std::vector<uint8_t> huge = noisy_file(".png", CV_8UC3);
  huge[16] = huge[20] = 0x7f;
  EXPECT_FALSE(fomo::quick_decode(huge.data(), huge.size()));
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
