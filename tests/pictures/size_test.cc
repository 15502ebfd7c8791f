// SPDX-License-Identifier: LGPL-2.1-or-later
// Large pictures: what is decoded in full, what reduced, and how much memory it takes.
#include <cstring>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <png.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pictures/row_assembler.h"
#include "tests/pictures/decoded.h"
#include "tests/pictures/files.h"

namespace {

using fomo::Picture;
using fomo::reduction_for;
using fomo::RowAssembler;
using fomo::test::decode;
using fomo::test::error_of;
using fomo::test::even_jpeg;
using fomo::test::pixel;
using fomo::test::set_header_checksum;

TEST(ReductionTest, IsByPixelsAndNotBySides) {
  EXPECT_EQ(reduction_for(12000, 1000, 3, 0), 1);
  EXPECT_EQ(reduction_for(8000, 5000, 3, 0), 1);
  EXPECT_EQ(reduction_for(8064, 6048, 3, 0), 2); // a phone's 48 megapixels
  EXPECT_EQ(reduction_for(16000, 16000, 3, 0), 4);
  EXPECT_EQ(reduction_for(8000, 5000, 4, 200'000'000), 2); // beside a large file
}

TEST(RowAssemblerTest, AveragesSquaresAlsoAtTheBorder) {
  RowAssembler assembler(5, 3, 3, 2);
  const uint8_t rows[3][15] = {
      {10, 0, 0, 20, 0, 0, 30, 0, 0, 40, 0, 0, 50, 0, 0},
      {30, 0, 0, 40, 0, 0, 50, 0, 0, 60, 0, 0, 70, 0, 0},
      {80, 0, 0, 90, 0, 0, 100, 0, 0, 110, 0, 0, 120, 0, 0},
  };
  for (const auto& row : rows)
    assembler.add(row);
  const Picture picture = assembler.take();
  ASSERT_EQ(picture.width, 3);
  ASSERT_EQ(picture.height, 2);
  const int expected[2][3] = {{25, 45, 60}, {85, 105, 120}};
  for (int y = 0; y < 2; y++)
    for (int x = 0; x < 3; x++)
      EXPECT_EQ(pixel(picture, x, y)[0], expected[y][x]) << x << ", " << y;
}

TEST(RowAssemblerTest, WhatIsTransparentHasNoSayInColours) {
  RowAssembler assembler(2, 2, 4, 2);
  const uint8_t rows[2][8] = {{200, 10, 20, 255, 0, 0, 0, 0}, {200, 10, 20, 255, 9, 9, 9, 0}};
  for (const auto& row : rows)
    assembler.add(row);
  const Picture picture = assembler.take();
  EXPECT_EQ(pixel(picture, 0, 0)[0], 200);
  EXPECT_EQ(pixel(picture, 0, 0)[1], 10);
  EXPECT_EQ(pixel(picture, 0, 0)[3], 128);
}

/// A file of `width` x `height` pixels: red on the left, blue on the right.
std::vector<uint8_t> halves(const std::string& extension, int width, int height,
                            const std::vector<int>& settings = {}) {
  cv::Mat bgr(height, width, CV_8UC3, cv::Scalar(0, 0, 220));
  bgr.colRange(width / 2, width).setTo(cv::Scalar(220, 0, 0));
  std::vector<uint8_t> bytes;
  cv::imencode(extension, bgr, bytes, settings);
  return bytes;
}

void expect_halves(const Picture& picture, const char* what) {
  EXPECT_NEAR(pixel(picture, 3, 3)[0], 220, 8) << what;
  EXPECT_NEAR(pixel(picture, picture.width - 4, picture.height - 4)[2], 220, 8) << what;
}

TEST(SizeTest, ALongPictureKeepsItsPixels) {
  const Picture picture = decode(even_jpeg(12000, 400, {220, 0, 0}));
  EXPECT_EQ(picture.width, 12000);
  EXPECT_EQ(picture.height, 400);
}

TEST(SizeTest, LargePicturesAreReduced) {
  // 49 million pixels
  for (const char* extension : {".png", ".jpg", ".bmp"}) {
    const Picture picture = decode(halves(extension, 7001, 7000));
    EXPECT_EQ(picture.width, 3501) << extension;
    EXPECT_EQ(picture.height, 3500) << extension;
    expect_halves(picture, extension);
  }
}

/// An interlaced PNG file of grey levels x ^ y.
std::vector<uint8_t> interlaced(int width, int height) {
  std::vector<uint8_t> bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &bytes,
      [](png_structp writer, png_bytep data, size_t size) {
        auto& out = *static_cast<std::vector<uint8_t>*>(png_get_io_ptr(writer));
        out.insert(out.end(), data, data + size);
      },
      nullptr);
  png_set_compression_level(png, 1);
  png_set_IHDR(png, info, static_cast<uint32_t>(width), static_cast<uint32_t>(height), 8,
               PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_ADAM7, 0, 0);
  png_write_info(png, info);
  std::vector<uint8_t> row(static_cast<size_t>(width));
  for (int pass = png_set_interlace_handling(png); pass > 0; pass--)
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++)
        row[static_cast<size_t>(x)] = static_cast<uint8_t>(x ^ y);
      png_write_row(png, row.data());
    }
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

TEST(SizeTest, InterlacedPngFilesOfEachSize) {
  for (const auto& [width, height] : {std::pair(1, 1), {3, 9}, {37, 21}}) {
    const Picture picture = decode(interlaced(width, height));
    ASSERT_EQ(picture.width, width);
    for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
        ASSERT_EQ(pixel(picture, x, y)[0], x ^ y) << x << ", " << y;
  }
  const Picture large = decode(interlaced(6001, 4000)); // 24 million: every second pixel
  ASSERT_EQ(large.width, 3001);
  ASSERT_EQ(large.height, 2000);
  for (const auto& [x, y] : {std::pair(0, 0), {7, 9}, {3000, 1999}})
    EXPECT_EQ(pixel(large, x, y)[0], (2 * x ^ 2 * y) & 255);
}

TEST(SizeTest, RawPicturesAreBoundedToo) {
  const std::vector<uint8_t> pixels(size_t{9000} * 5000 * 3, 90);
  const Picture picture = fomo::copy_picture({pixels.data(), 9000, 5000, 27000, 3});
  EXPECT_EQ(picture.width, 6000);
  EXPECT_EQ(picture.height, 3333);
  EXPECT_EQ(pixel(picture, 5999, 3332)[1], 90);
  const Picture strip = fomo::copy_picture({pixels.data(), 5000, 2, 15000, 3});
  EXPECT_EQ(strip.width, 5000);
  EXPECT_EQ(strip.height, 2);
}

/// A PNG file that says to have `side` x `side` pixels and has no more data than a small one.
std::vector<uint8_t> bomb(uint32_t side) {
  std::vector<uint8_t> png = fomo::test::noisy_file(".png", CV_8UC4);
  for (size_t i = 0; i < 4; i++)
    png[16 + i] = png[20 + i] = static_cast<uint8_t>(side >> (24 - 8 * i));
  set_header_checksum(png);
  return png;
}

TEST(SizeTest, ALargeProgressiveJpegIsRefusedWithTheRemedy) {
  // Its coefficients would take 768 MB.
  std::vector<uint8_t> file = even_jpeg(64, 64, {9, 90, 200}, true);
  for (size_t i = 2; i + 8 < file.size(); i++)
    if (file[i] == 0xff && file[i + 1] == 0xc2) { // its header
      file[i + 5] = file[i + 7] = 16000 >> 8;
      file[i + 6] = file[i + 8] = 16000 & 255;
      break;
    }
  const auto error = error_of([&] { decode(file); });
  EXPECT_NE(std::string(error.what()).find("baseline"), std::string::npos) << error.what();
}

TEST(SizeTest, TooManyPixelsAreRefusedByTheHeader) {
  for (const uint32_t side : {20000U, 1000000U, 0x7fffffffU}) {
    const auto error = error_of([&] { decode(bomb(side)); });
    EXPECT_EQ(error.status(), FOMO_WRONG_TYPE);
    EXPECT_NE(std::string(error.what()).find("PNG"), std::string::npos) << error.what();
  }
  const auto error = error_of([&] { decode(bomb(20000)); });
  EXPECT_NE(std::string(error.what()).find("more than 300 million"), std::string::npos);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // they have memory of their own
/// Megabytes by which the peak of a process's memory grows while `body` runs in a child.
template<typename Body>
long growth_mb(Body body) {
  const auto peak_kb = [] {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
      if (word == "VmHWM:") {
        long kb = 0;
        status >> kb;
        return kb;
      }
    return 0L;
  };
  int ends[2];
  if (pipe(ends) != 0)
    return -1;
  const pid_t child = fork();
  if (child == 0) {
    const long before = peak_kb();
    body();
    const long growth = (peak_kb() - before) / 1024;
    const bool told = write(ends[1], &growth, sizeof growth) == sizeof growth;
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  long growth = -1;
  const bool told = read(ends[0], &growth, sizeof growth) == sizeof growth;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return told ? growth : -1;
}

TEST(SizeTest, MemoryIsBounded) {
  // Within 300 MB, of which a process without a picture takes half.
  const auto grows_by = [](const std::vector<uint8_t>& file) {
    return growth_mb([&] {
      try {
        decode(file);
      } catch (const fomo::Error&) {
      }
    });
  };
  const long bomb_mb = grows_by(bomb(16384));
  EXPECT_GE(bomb_mb, 0);
  EXPECT_LT(bomb_mb, 100);
  const long large_mb = grows_by(even_jpeg(16000, 16000, {220, 0, 0}));
  EXPECT_GT(large_mb, 40); // the reduced picture: the measure works
  EXPECT_LT(large_mb, 100);
}
#endif

} // namespace
