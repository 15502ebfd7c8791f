// SPDX-License-Identifier: LGPL-2.1-or-later
// Formats are told apart by their first bytes; those of phones and browsers; animations.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include "pictures/picture_kind.h"
#include "tests/pictures/decoded.h"
#include "tests/pictures/files.h"

namespace {

using fomo::Picture;
using fomo::PictureKind;
using fomo::test::animated_webp;
using fomo::test::decode;
using fomo::test::error_of;
using fomo::test::pixel;

std::vector<uint8_t> data_file(const std::string& name) {
  std::ifstream file(FOMO_TEST_DATA "/pictures/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Decodes one of the files turned-p3.*: four colours, stored turned and in Display P3.
void expect_four_colours(const std::string& name, bool built_in, const std::string& kind) {
  const std::vector<uint8_t> file = data_file(name);
  ASSERT_FALSE(file.empty()) << name;
  if (!built_in) {
    const auto error = error_of([&] { decode(file); });
    EXPECT_NE(std::string(error.what()).find(kind), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("build"), std::string::npos) << error.what();
    return;
  }
  const Picture picture = decode(file);
  ASSERT_EQ(picture.width, 48) << name;
  ASSERT_EQ(picture.height, 32) << name;
  ASSERT_EQ(picture.channels, 3) << name;
  const struct {
    int x, y, colour[3];
  } places[] = {
      {6, 5, {200, 0, 0}}, {40, 5, {0, 200, 0}}, {6, 26, {0, 0, 200}}, {40, 26, {200, 200, 200}}};
  for (const auto& place : places)
    for (int c = 0; c < 3; c++)
      EXPECT_NEAR(pixel(picture, place.x, place.y)[c], place.colour[c], 12)
          << name << " at " << place.x << ", " << place.y << ", channel " << c;
}

#ifdef FOMO_HAVE_HEIF
constexpr bool kHaveHeif = true;
#else
constexpr bool kHaveHeif = false;
#endif
#ifdef FOMO_HAVE_AVIF
constexpr bool kHaveAvif = true;
#else
constexpr bool kHaveAvif = false;
#endif
#ifdef FOMO_HAVE_JPEG_XL
constexpr bool kHaveJpegXl = true;
#else
constexpr bool kHaveJpegXl = false;
#endif

TEST(KindsTest, PhonesAndBrowsersFormatsAreTurnedAndConverted) {
  expect_four_colours("turned-p3.heic", kHaveHeif, "HEIC");
  expect_four_colours("turned-p3.avif", kHaveAvif, "AVIF");
  expect_four_colours("turned-p3.jxl", kHaveJpegXl, "JPEG XL");
}

TEST(KindsTest, DamageOfThoseFormatsNamesThem) {
  for (const auto& [name, kind] : {std::pair("turned-p3.heic", "HEIC"),
                                   {"turned-p3.avif", "AVIF"},
                                   {"turned-p3.jxl", "JPEG XL"}}) {
    std::vector<uint8_t> file = data_file(name);
    file.resize(file.size() / 2);
    const auto error = error_of([&] { decode(file); });
    EXPECT_EQ(error.status(), FOMO_WRONG_TYPE);
    EXPECT_NE(std::string(error.what()).find(kind), std::string::npos) << error.what();
  }
}

PictureKind kind_of(const std::string& start) {
  return fomo::picture_kind(reinterpret_cast<const uint8_t*>(start.data()), start.size());
}

TEST(KindsTest, ContainersAreToldApartByBrand) {
  const auto box = [](const std::string& brands) {
    return std::string("\0\0\0", 3) + static_cast<char>(8 + brands.size()) + "ftyp" + brands;
  };
  EXPECT_EQ(kind_of(box(std::string("heic\0\0\0\0mif1heic", 16))), PictureKind::heif);
  EXPECT_EQ(kind_of(box(std::string("mif1\0\0\0\0mif1avif", 16))), PictureKind::avif);
  EXPECT_EQ(kind_of(box(std::string("isom\0\0\0\0mp42", 12))), PictureKind::unknown);
}

TEST(KindsTest, OnlyTheFormatsThatAreMeantAreDecoded) {
  // OpenCV and what is behind it would read these.
  for (const char* extension : {".ppm", ".jp2", ".hdr", ".exr", ".sr", ".pam"}) {
    std::vector<uint8_t> bytes;
    try {
      if (!cv::imencode(extension, cv::Mat(8, 8, CV_8UC3, cv::Scalar(1, 2, 3)), bytes))
        continue;
    } catch (const cv::Exception&) { // not every build writes all
      continue;
    }
    EXPECT_EQ(error_of([&] { decode(bytes); }).status(), FOMO_WRONG_TYPE) << extension;
  }
  const auto message = [](const std::string& text) {
    return std::string(error_of([&] { decode({text.begin(), text.end()}); }).what());
  };
  EXPECT_NE(message("%PDF-1.7 and so on").find("a PDF document"), std::string::npos);
  EXPECT_NE(message("<html>quota exceeded</html>").find("a web page"), std::string::npos);
  EXPECT_NE(message("hello").find("not a picture of a known format"), std::string::npos);
}

TEST(KindsTest, OfAnAnimatedWebpTheFirstFrameIsShown) {
  const auto frame = [](const cv::Scalar& colour, int side) {
    std::vector<uint8_t> bytes;
    cv::imencode(".webp", cv::Mat(side, side, CV_8UC3, colour), bytes,
                 {cv::IMWRITE_WEBP_QUALITY, 101});
    return bytes;
  };
  const cv::Scalar red(0, 0, 200), blue(200, 0, 0);
  const Picture whole = decode(animated_webp(16, {frame(red, 16), frame(blue, 16)}, 0));
  ASSERT_EQ(whole.channels, 3);
  ASSERT_EQ(whole.width, 16);
  EXPECT_EQ(pixel(whole, 8, 8)[0], 200);
  EXPECT_EQ(pixel(whole, 8, 8)[2], 0);
  // A frame that is a part of the canvas: the rest is transparent.
  const Picture part = decode(animated_webp(16, {frame(red, 8), frame(blue, 8)}, 4));
  ASSERT_EQ(part.channels, 4);
  ASSERT_EQ(part.width, 16);
  EXPECT_EQ(pixel(part, 1, 1)[3], 0);
  EXPECT_EQ(pixel(part, 4, 11)[3], 255);
  EXPECT_EQ(pixel(part, 4, 11)[0], 200);
  EXPECT_EQ(pixel(part, 12, 8)[3], 0);
}

} // namespace
