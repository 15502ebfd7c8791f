// SPDX-License-Identifier: LGPL-2.1-or-later
// Pictures as their makers meant them: colours, orientation, ranges, transparency.
#include <cmath>

#include <gtest/gtest.h>
#include <lcms2.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "pictures/exif.h"
#include "tests/pictures/decoded.h"
#include "tests/pictures/files.h"

namespace {

using fomo::Picture;
using fomo::test::decode;
using fomo::test::display_p3_profile;
using fomo::test::exif_block;
using fomo::test::insert_chunk;
using fomo::test::insert_marker;
using fomo::test::insert_profile;
using fomo::test::pixel;
using fomo::test::tiff_file;
using fomo::test::TiffSettings;
using fomo::test::wrap_webp;

using Colour = std::array<uint8_t, 3>;

constexpr Colour kSkin = {224, 172, 105}; // sRGB
constexpr int kSide = 24;

/// The same colour in samples of Display P3.
Colour in_display_p3(const Colour& srgb) {
  const std::vector<uint8_t> bytes = display_p3_profile();
  cmsHPROFILE p3 = cmsOpenProfileFromMem(bytes.data(), static_cast<cmsUInt32Number>(bytes.size()));
  cmsHPROFILE from = cmsCreate_sRGBProfile();
  cmsHTRANSFORM transform =
      cmsCreateTransform(from, TYPE_RGB_8, p3, TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC, 0);
  Colour out{};
  cmsDoTransform(transform, srgb.data(), out.data(), 1);
  cmsDeleteTransform(transform);
  cmsCloseProfile(from);
  cmsCloseProfile(p3);
  return out;
}

/// A file of one colour.
std::vector<uint8_t> plain(const std::string& extension, const Colour& colour,
                           const std::vector<int>& settings = {}) {
  const cv::Mat bgr(kSide, kSide, CV_8UC3, cv::Scalar(colour[2], colour[1], colour[0]));
  std::vector<uint8_t> bytes;
  cv::imencode(extension, bgr, bytes, settings);
  return bytes;
}

void expect_colour(const std::vector<uint8_t>& file, const Colour& colour, int tolerance,
                   const std::string& what) {
  const Picture picture = decode(file);
  for (int c = 0; c < 3; c++)
    EXPECT_NEAR(pixel(picture, kSide / 2, kSide / 2)[c], colour[static_cast<size_t>(c)], tolerance)
        << what << ", channel " << c;
}

TEST(ColourTest, ProfilesAreApplied) {
  const Colour p3 = in_display_p3(kSkin);
  ASSERT_GT(std::abs(p3[0] - kSkin[0]), 4); // else nothing would be tested
  const std::vector<uint8_t> profile = display_p3_profile();

  std::vector<uint8_t> png = plain(".png", p3);
  insert_profile(png, profile);
  expect_colour(png, kSkin, 1, "PNG");

  std::vector<uint8_t> jpeg = plain(".jpg", p3, {cv::IMWRITE_JPEG_QUALITY, 100});
  const std::string label("ICC_PROFILE\0\1\1", 14);
  insert_marker(jpeg, 2, label, profile);
  expect_colour(jpeg, kSkin, 2, "JPEG");

  std::vector<uint8_t> webp = plain(".webp", p3, {cv::IMWRITE_WEBP_QUALITY, 101}); // lossless
  wrap_webp(webp, false, kSide, kSide, "ICCP", profile);
  expect_colour(webp, kSkin, 1, "WebP");

  TiffSettings settings;
  settings.width = settings.height = kSide;
  settings.icc = profile;
  std::vector<uint8_t> samples;
  std::vector<uint16_t> wide;
  for (int i = 0; i < kSide * kSide; i++) {
    samples.insert(samples.end(), p3.begin(), p3.end());
    for (const uint8_t value : p3)
      wide.push_back(static_cast<uint16_t>(value * 257));
  }
  expect_colour(tiff_file(settings, samples.data()), kSkin, 1, "TIFF");
  settings.bits = 16;
  expect_colour(tiff_file(settings, wide.data()), kSkin, 1, "16-bit TIFF");
}

TEST(ColourTest, AProfileOfOtherColoursIsIgnored) {
  std::vector<uint8_t> profile = display_p3_profile(), png = plain(".png", kSkin), damaged = png;
  std::copy_n("CMYK", 4, profile.begin() + 16);
  insert_profile(png, profile);
  expect_colour(png, kSkin, 0, "CMYK profile");
  profile.assign(600, 7);
  insert_profile(damaged, profile);
  expect_colour(damaged, kSkin, 0, "damaged profile");
}

TEST(ColourTest, GreyUnderAProfileOfColoursStaysGrey) {
  cv::Mat grey(kSide, kSide, CV_8UC1, cv::Scalar(90));
  std::vector<uint8_t> file;
  cv::imencode(".png", grey, file);
  std::vector<uint8_t> jpeg;
  cv::imencode(".jpg", grey, jpeg);
  insert_marker(jpeg, 2, std::string("ICC_PROFILE\0\1\1", 14), display_p3_profile());
  expect_colour(jpeg, {90, 90, 90}, 1, "grey JPEG");
}

/// Samples of a picture whose sRGB level is `level`, for a curve with exponent `gamma`.
uint8_t sample(int level, double gamma) {
  const double value = level / 255.0;
  const double light = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  return static_cast<uint8_t>(std::lround(255 * std::pow(light, gamma)));
}

TEST(ColourTest, PngCurvesAndPrimariesAreApplied) {
  const Colour linear = {sample(kSkin[0], 1), sample(kSkin[1], 1), sample(kSkin[2], 1)};
  std::vector<uint8_t> png = plain(".png", linear);
  insert_chunk(png, "gAMA", {0, 1, 0x86, 0xa0});
  expect_colour(png, kSkin, 2, "gAMA 1");
  insert_chunk(png, "sRGB", {0}); // counts for more
  expect_colour(png, linear, 0, "sRGB");

  std::vector<uint8_t> usual = plain(".png", kSkin);
  insert_chunk(usual, "gAMA", {0, 0, 0xb1, 0x8f}); // 1/2.2 stands for sRGB
  expect_colour(usual, kSkin, 0, "gAMA 1/2.2");

  std::vector<uint8_t> primaries = plain(".png", in_display_p3(kSkin)), numbers;
  for (const int value : {31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000})
    for (int shift = 24; shift >= 0; shift -= 8)
      numbers.push_back(static_cast<uint8_t>(value >> shift));
  insert_chunk(primaries, "cHRM", numbers);
  expect_colour(primaries, kSkin, 1, "cHRM");
}

/// An upright picture of four colours, and what is stored for it with each orientation.
cv::Mat upright() {
  cv::Mat bgr(32, 48, CV_8UC3);
  bgr(cv::Rect(0, 0, 24, 16)).setTo(cv::Scalar(0, 0, 200));
  bgr(cv::Rect(24, 0, 24, 16)).setTo(cv::Scalar(0, 200, 0));
  bgr(cv::Rect(0, 16, 24, 16)).setTo(cv::Scalar(200, 0, 0));
  bgr(cv::Rect(24, 16, 24, 16)).setTo(cv::Scalar(200, 200, 200));
  return bgr;
}

cv::Mat stored(int orientation) {
  cv::Mat turned = upright();
  switch (orientation) {
  case 2:
    cv::flip(turned, turned, 1);
    break;
  case 3:
    cv::rotate(turned, turned, cv::ROTATE_180);
    break;
  case 4:
    cv::flip(turned, turned, 0);
    break;
  case 5:
    cv::transpose(turned, turned);
    break;
  case 6:
    cv::rotate(turned, turned, cv::ROTATE_90_COUNTERCLOCKWISE);
    break;
  case 7:
    cv::transpose(turned, turned);
    cv::rotate(turned, turned, cv::ROTATE_180);
    break;
  case 8:
    cv::rotate(turned, turned, cv::ROTATE_90_CLOCKWISE);
    break;
  default:
    break;
  }
  return turned;
}

class OrientationTest : public testing::TestWithParam<int> {
 protected:
  static std::vector<uint8_t> encoded(const std::string& extension) {
    std::vector<uint8_t> bytes;
    cv::imencode(extension, stored(GetParam()), bytes);
    return bytes;
  }
  static void expect_upright(const std::vector<uint8_t>& file, const char* what) {
    const Picture picture = decode(file);
    const cv::Mat expected = upright();
    ASSERT_EQ(picture.width, expected.cols) << what;
    ASSERT_EQ(picture.height, expected.rows) << what;
    for (const cv::Point& point : {cv::Point(2, 3), {45, 3}, {2, 28}, {45, 28}, {21, 13}})
      for (int c = 0; c < 3; c++)
        EXPECT_NEAR(pixel(picture, point.x, point.y)[c], expected.at<cv::Vec3b>(point)[2 - c], 20)
            << what << " at " << point;
  }
};

TEST_P(OrientationTest, IsHonouredInEveryFormat) {
  std::vector<uint8_t> png = encoded(".png"), jpeg = encoded(".jpg"), webp = encoded(".webp");
  insert_chunk(png, "eXIf", exif_block(GetParam()));
  expect_upright(png, "PNG");
  insert_marker(jpeg, 1, std::string("Exif\0\0", 6), exif_block(GetParam()));
  expect_upright(jpeg, "JPEG");
  const cv::Mat bgr = stored(GetParam());
  wrap_webp(webp, false, bgr.cols, bgr.rows, "EXIF", exif_block(GetParam()));
  expect_upright(webp, "WebP");
  cv::Mat rgb;
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  TiffSettings settings;
  settings.width = bgr.cols;
  settings.height = bgr.rows;
  settings.orientation = GetParam();
  expect_upright(tiff_file(settings, rgb.data), "TIFF");
  settings.tile = 16;
  expect_upright(tiff_file(settings, rgb.data), "tiled TIFF");
}

INSTANTIATE_TEST_SUITE_P(All, OrientationTest, testing::Range(1, 9));

TEST(ExifTest, DamageIsUpright) {
  const std::vector<uint8_t> block = exif_block(6);
  EXPECT_EQ(fomo::exif_orientation(block.data(), block.size()), 6);
  for (size_t size = 0; size < 22; size++)
    EXPECT_EQ(fomo::exif_orientation(block.data(), size), fomo::kUpright) << size;
  const std::vector<uint8_t> beyond = exif_block(9);
  EXPECT_EQ(fomo::exif_orientation(beyond.data(), beyond.size()), fomo::kUpright);
}

/// A TIFF file of 8 x 6 equal pixels.
template<typename Sample>
std::vector<uint8_t> even_tiff(TiffSettings settings, const std::vector<Sample>& values) {
  settings.width = 8;
  settings.height = 6;
  settings.count = static_cast<int>(values.size());
  settings.bits = 8 * static_cast<int>(sizeof(Sample));
  settings.format = std::is_floating_point_v<Sample> ? 3 : 1;
  settings.photometric = values.size() < 3 ? settings.photometric : 2;
  std::vector<Sample> samples;
  if (settings.planes == 1)
    for (int i = 0; i < 48; i++)
      samples.insert(samples.end(), values.begin(), values.end());
  else
    for (const Sample value : values)
      samples.insert(samples.end(), 48, value);
  return tiff_file(settings, samples.data());
}

void expect_pixel(const std::vector<uint8_t>& file, const std::vector<int>& expected,
                  const char* what) {
  const Picture picture = decode(file);
  ASSERT_EQ(picture.channels, static_cast<int>(expected.size())) << what;
  for (int c = 0; c < picture.channels; c++)
    EXPECT_NEAR(pixel(picture, 7, 5)[c], expected[static_cast<size_t>(c)], 1)
        << what << ", channel " << c;
}

TEST(TiffTest, FloatsHaveTheirRange) {
  TiffSettings grey;
  grey.photometric = 1;
  expect_pixel(even_tiff<float>({}, {1.0F, 0.5F, 0.25F}), {255, 128, 64}, "0 to 1");
  expect_pixel(even_tiff<float>({}, {255.F, 128.F, 64.F}), {255, 128, 64}, "0 to 255");
  expect_pixel(even_tiff<float>({}, {65535.F, 32896.F, 0.F}), {255, 128, 0}, "0 to 65535");
  expect_pixel(even_tiff<float>({}, {-3.F, NAN, 1.F}), {0, 0, 255}, "no numbers");
  expect_pixel(even_tiff<double>({}, {200.0, 100.0, 50.0}), {200, 100, 50}, "64 bits");
  expect_pixel(even_tiff<float>(grey, {200.F}), {200, 200, 200}, "grey");
}

TEST(TiffTest, DepthsAndLayouts) {
  TiffSettings grey, white_is_0, apart, tiles;
  grey.photometric = 1;
  white_is_0.photometric = 0;
  apart.planes = 2;
  tiles.tile = 16;
  expect_pixel(even_tiff<uint16_t>(grey, {40000}), {156, 156, 156}, "16-bit grey");
  expect_pixel(even_tiff<uint8_t>(white_is_0, {55}), {200, 200, 200}, "white is 0");
  expect_pixel(even_tiff<uint8_t>(apart, {10, 20, 30}), {10, 20, 30}, "planes apart");
  expect_pixel(even_tiff<uint16_t>(tiles, {2570, 5140, 7710}), {10, 20, 30}, "tiles");
}

TEST(TiffTest, TransparencyOfEachKind) {
  TiffSettings premultiplied, straight, unnamed, grey;
  premultiplied.extra = 1;
  straight.extra = 2;
  unnamed.extra = 0;
  grey.extra = 2;
  grey.photometric = 1;
  expect_pixel(even_tiff<uint8_t>(premultiplied, {100, 50, 25, 128}), {199, 100, 50, 128},
               "premultiplied");
  expect_pixel(even_tiff<uint8_t>(straight, {100, 50, 25, 128}), {100, 50, 25, 128}, "straight");
  expect_pixel(even_tiff<uint8_t>(unnamed, {100, 50, 25, 128}), {100, 50, 25, 128}, "unnamed");
  expect_pixel(even_tiff<uint8_t>(unnamed, {100, 50, 25, 0}), {100, 50, 25, 255}, "no alpha");
  expect_pixel(even_tiff<uint16_t>(grey, {25700, 12850}), {100, 100, 100, 50}, "grey");
  expect_pixel(even_tiff<float>(straight, {1.F, 0.5F, 0.F, 0.5F}), {255, 128, 0, 128}, "float");
}

TEST(TransparencyTest, OfPngPalettesAndGrey) {
  std::vector<uint8_t> png;
  cv::imencode(".png", cv::Mat(8, 8, CV_8UC1, cv::Scalar(7)), png);
  insert_chunk(png, "tRNS", {0, 7});
  expect_pixel(png, {7, 7, 7, 0}, "grey that is transparent");
  // The same file as a palette of eight colours, the last one half transparent.
  png[25] = 3;
  png.erase(png.begin() + 33, png.begin() + 33 + 14);
  const std::vector<uint8_t> header(png.begin(), png.begin() + 33);
  insert_chunk(png, "tRNS", {255, 255, 255, 255, 255, 255, 255, 128});
  insert_chunk(png, "PLTE",
               {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 90, 200});
  fomo::test::set_header_checksum(png);
  expect_pixel(png, {9, 90, 200, 128}, "palette");
}

TEST(TransparencyTest, OfLossyWebp) {
  std::vector<uint8_t> webp;
  cv::imencode(".webp", cv::Mat(8, 8, CV_8UC4, cv::Scalar(200, 100, 50, 77)), webp,
               {cv::IMWRITE_WEBP_QUALITY, 90});
  const Picture picture = decode(webp);
  ASSERT_EQ(picture.channels, 4);
  EXPECT_EQ(pixel(picture, 4, 4)[3], 77);
  EXPECT_NEAR(pixel(picture, 4, 4)[2], 200, 12);
}

} // namespace
