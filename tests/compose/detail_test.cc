// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/detail_blend.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "compose/axis.h"

namespace fomo {
namespace {

constexpr int kModel = 128, kCells = 32;

/// Waves of several wavelengths, so that no frequency band is empty.
Picture test_picture(int size, int channels = 3) {
  Picture picture{size, size, channels, {}};
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      const double u = (x + 0.5) / size, v = (y + 0.5) / size;
      const double fine = 30 * std::sin(u * 400) * std::sin(v * 370);
      const double coarse = 50 * std::sin(u * 9 + v * 4);
      for (int c = 0; c < 3; c++)
        picture.pixels.push_back(static_cast<uint8_t>(128 + coarse + fine * (c + 1) / 3));
      if (channels == 4)
        picture.pixels.push_back(std::hypot(u - 0.5, v - 0.5) < 0.4 ? 255 : 0);
    }
  return picture;
}

struct Field {
  std::vector<float> deformation, occlusion;
  MotionField view;

  /// The identity moved by (dx, dy), in [-1, 1].
  explicit Field(float dx = 0, float dy = 0) : occlusion(kCells * kCells, 1.0F) {
    for (int y = 0; y < kCells; y++)
      for (int x = 0; x < kCells; x++) {
        deformation.push_back(2 * static_cast<float>(x) / (kCells - 1) - 1 + dx);
        deformation.push_back(2 * static_cast<float>(y) / (kCells - 1) - 1 + dy);
      }
    view = {kCells, kCells, deformation.data(), occlusion.data(), true};
  }
};

struct Pixels {
  int width, height, channels;
  std::vector<uint8_t> data;
  Pixels(int w, int h, int c) : width(w), height(h), channels(c), data(size_t(w) * h * c) {}
  FomoImage image() { return {data.data(), width, height, ptrdiff_t{width} * channels, channels}; }
  cv::Mat mat() { return {height, width, CV_8UC(channels), data.data()}; }
};

/// The picture as a network without fine detail generates it: small and blurred.
Pixels generated_from(const Picture& picture) {
  Pixels result(kModel, kModel, 3);
  result.data = resize_region(picture, {0, 0, picture.width, picture.height}, kModel, kModel);
  cv::Mat blurred;
  cv::GaussianBlur(result.mat(), blurred, {0, 0}, 1.0);
  blurred.copyTo(result.mat());
  return result;
}

double laplacian(const cv::Mat& image, cv::Rect part) {
  cv::Mat grey, result;
  cv::cvtColor(image, grey, cv::COLOR_RGB2GRAY);
  cv::Laplacian(grey, result, CV_64F);
  cv::Scalar mean, deviation;
  cv::meanStdDev(result(part), mean, deviation);
  return deviation[0] * deviation[0];
}

Pixels blend(const Picture& picture, Field& field, Pixels& generated, int size, int channels = 3,
             const ConstImage* at_rest = nullptr) {
  const auto source = DetailSource::make(picture, {0, 0, picture.width, picture.height},
                                         {kModel, kModel}, {size, size}, at_rest);
  Pixels output(size, size, channels);
  DetailBlend()(*source, field.view, generated.image(), output.image());
  return output;
}

TEST(Detail, IsRestoredWhereNothingMoves) {
  const Picture picture = test_picture(512);
  Pixels generated = generated_from(picture);
  Field still;
  Pixels output = blend(picture, still, generated, 512);
  Pixels source(512, 512, 3);
  source.data = picture.pixels;
  const cv::Rect inside(16, 16, 480, 480);
  EXPECT_LT(cv::norm(output.mat()(inside), source.mat()(inside), cv::NORM_L1) / (480 * 480 * 3), 4);
  Pixels plain(512, 512, 3);
  cv::resize(generated.mat(), plain.mat(), {512, 512});
  EXPECT_GT(laplacian(output.mat(), inside), 0.8 * laplacian(source.mat(), inside));
  EXPECT_LT(laplacian(plain.mat(), inside), 0.1 * laplacian(source.mat(), inside));
}

TEST(Detail, MovesWithTheDeformation) {
  const Picture picture = test_picture(512);
  // One of 32 cells is 16 of 512 pixels. Each pixel samples the source 16 pixels to its right.
  Field moved(2.0F / (kCells - 1), 0);
  Picture shifted = picture;
  for (int y = 0; y < 512; y++)
    for (int x = 0; x < 512 - 16; x++)
      for (int c = 0; c < 3; c++)
        shifted.pixels[(y * 512 + x) * 3 + c] = picture.pixels[(y * 512 + x + 16) * 3 + c];
  Pixels generated = generated_from(shifted);
  Pixels output = blend(picture, moved, generated, 512);
  Pixels expected(512, 512, 3);
  expected.data = shifted.pixels;
  const cv::Rect inside(16, 16, 440, 480);
  EXPECT_LT(cv::norm(output.mat()(inside), expected.mat()(inside), cv::NORM_L1) / (440 * 480 * 3),
            4);
}

TEST(Detail, IsHiddenWhereTheOcclusionMapSaysSo) {
  const Picture picture = test_picture(512);
  Pixels generated = generated_from(picture);
  Field hidden;
  std::fill(hidden.occlusion.begin(), hidden.occlusion.end(), 0.0F);
  Pixels output = blend(picture, hidden, generated, 512), plain(512, 512, 3);
  cv::resize(generated.mat(), plain.mat(), {512, 512});
  EXPECT_LE(cv::norm(output.mat(), plain.mat(), cv::NORM_INF), 2);
}

TEST(Detail, FadesOutWhereTheNetworkShowsSomethingElse) {
  const Picture picture = test_picture(512);
  Pixels generated = generated_from(picture);
  Pixels at_rest = generated;
  const cv::Rect lid(52, 58, 16, 10); // in pixels of the model's picture
  generated.mat()(lid).setTo(cv::Scalar(190, 150, 130));
  Field still;
  const ConstImage rest_image = at_rest.image();
  Pixels output = blend(picture, still, generated, 512, 3, &rest_image);
  const cv::Rect under_lid(lid.x * 4 + 12, lid.y * 4 + 12, lid.width * 4 - 24, lid.height * 4 - 24);
  EXPECT_LT(laplacian(output.mat(), under_lid), 0.2 * laplacian(output.mat(), {40, 40, 100, 100}));
  EXPECT_GT(laplacian(output.mat(), {40, 40, 100, 100}), 50);
}

TEST(Detail, FadesOutWhereTheSourceIsStretched) {
  Picture picture = test_picture(512);
  for (int i = 0; i < 512 * 512 * 3; i++) // only fine stripes: the low bands are equal everywhere
    picture.pixels[i] = i / 3 % 4 < 2 ? 108 : 148;
  Pixels generated(kModel, kModel, 3);
  std::fill(generated.data.begin(), generated.data.end(), uint8_t{128});
  const cv::Rect middle(100, 100, 312, 312);
  Field still, stretched;
  for (size_t i = 0; i < stretched.deformation.size(); i += 2)
    stretched.deformation[i] *= 0.2F;
  Pixels as_it_is = blend(picture, still, generated, 512);
  Pixels streaks = blend(picture, stretched, generated, 512);
  EXPECT_GT(laplacian(as_it_is.mat(), middle), 100);
  EXPECT_LT(laplacian(streaks.mat(), middle), 1);
}

TEST(Detail, TreatsWhatLiesBeyondTheSourceAsHidden) {
  const Picture picture = test_picture(512);
  Pixels generated(kModel, kModel, 3);
  std::fill(generated.data.begin(), generated.data.end(), uint8_t{100});
  Field far(1.0F, 0); // the right half samples beyond the source's border
  const auto source = DetailSource::make(picture, {0, 0, 512, 512}, {kModel, kModel}, {512, 512});
  Pixels output(512, 512, 3);
  DetailBlend blend;
  blend(*source, far.view, generated.image(), output.image());
  const cv::Rect beyond(280, 0, 232, 512);
  EXPECT_EQ(cv::norm(output.mat()(beyond), cv::Mat(512, 232, CV_8UC3, cv::Scalar::all(100)),
                     cv::NORM_INF),
            0);
}

TEST(Detail, TransparencyMovesAndShowsNoFringe) {
  Picture picture = test_picture(256, 4);
  // Fully transparent pixels have a bright colour, which must not show.
  for (size_t i = 0; i < picture.pixels.size(); i += 4)
    if (picture.pixels[i + 3] == 0) {
      picture.pixels[i] = 0;
      picture.pixels[i + 1] = 255;
      picture.pixels[i + 2] = 0;
    }
  Pixels generated = generated_from(picture); // over mid grey, like the network's input
  Field still;
  Pixels output = blend(picture, still, generated, 256, 4);
  int transparent = 0, opaque = 0, fringe = 0;
  for (int y = 8; y < 248; y++)
    for (int x = 8; x < 248; x++) {
      const uint8_t* pixel = &output.data[(y * 256 + x) * 4];
      const double distance = std::hypot(x - 127.5, y - 127.5);
      if (distance > 0.42 * 256)
        transparent += pixel[3] == 0;
      if (distance < 0.38 * 256)
        opaque += pixel[3] == 255;
      // In this picture green is never the largest channel, so green pixels are the hidden colour.
      if (pixel[3] > 0 && pixel[1] > std::max(pixel[0], pixel[2]) + 12)
        fringe++;
    }
  EXPECT_EQ(fringe, 0);
  EXPECT_GT(transparent, 15000);
  EXPECT_GT(opaque, 25000);
}

TEST(Detail, SurvivesAnyField) {
  const Picture picture = test_picture(64);
  Pixels generated = generated_from(picture);
  const float wild[] = {std::numeric_limits<float>::quiet_NaN(),
                        std::numeric_limits<float>::infinity(), -1e30F, 5.0F};
  for (const float value : wild) {
    Field field;
    std::fill(field.deformation.begin(), field.deformation.end(), value);
    std::fill(field.occlusion.begin(), field.occlusion.end(), value);
    Pixels output = blend(picture, field, generated, 200);
    EXPECT_NE(cv::norm(output.mat(), cv::NORM_INF), 0) << value;
  }
}

TEST(Detail, TakesCropsThatLeaveThePicture) {
  const Picture picture = test_picture(300);
  Pixels generated(kModel, kModel, 3);
  std::fill(generated.data.begin(), generated.data.end(), uint8_t{100});
  Field still;
  const auto source =
      DetailSource::make(picture, {-100, 100, 300, 300}, {kModel, kModel}, {300, 300});
  Pixels output(300, 300, 3);
  DetailBlend()(*source, still.view, generated.image(), output.image());
  const cv::Rect outside(0, 0, 90, 180);
  EXPECT_EQ(cv::norm(output.mat()(outside), cv::Mat(180, 90, CV_8UC3, cv::Scalar::all(100)),
                     cv::NORM_INF),
            0);
}

TEST(Detail, IsTheSameOnAnyThreads) {
  const Picture picture = test_picture(300);
  Pixels generated = generated_from(picture);
  Field field(0.1F, -0.07F);
  const auto source = DetailSource::make(picture, {0, 0, 300, 300}, {kModel, kModel}, {333, 250});
  Pixels one(333, 250, 3), three(333, 250, 3);
  DetailBlend()(*source, field.view, generated.image(), one.image(), 1);
  DetailBlend()(*source, field.view, generated.image(), three.image(), 3);
  EXPECT_EQ(one.data, three.data);
}

TEST(Detail, IsTheSameWithAnyInstructions) {
  using namespace compose;
  constexpr int base_width = 40, width = 101;
  cv::Mat base(2, base_width * kBaseFloats, CV_32F), texels(20, 31, CV_8UC4);
  cv::RNG random(1);
  random.fill(base, cv::RNG::UNIFORM, 0, 1);
  random.fill(texels, cv::RNG::UNIFORM, 0, 256);
  for (int i = 0; i < base.cols; i++)
    base.colRange(i, i + 1) *= i % kBaseFloats < 3 ? 300 : i % kBaseFloats < 4 ? 1 : 19;
  const TwoTaps across(base_width, width);
  const Texture texture = {texels.data, 30, 19, 31 * 4};
  for (const int channels : {3, 4}) {
    cv::Mat results[2];
    for (const bool best : {false, true}) {
      const Lines& lines = best ? best_lines() : lines_of(simd::Isa::portable);
      cv::Mat& result = results[best];
      result.create(1, width * channels, CV_8U);
      std::vector<float> scratch(kBaseFloats * (base_width + 1));
      lines.blend(result.data, channels, base.ptr<float>(0), base.ptr<float>(1), 0.3F,
                  scratch.data(), base_width, across.spread(), texture, width);
    }
    EXPECT_LE(cv::norm(results[0], results[1], cv::NORM_INF), 1);
    EXPECT_GT(cv::norm(results[0], cv::NORM_INF), 200);
  }
}

TEST(Detail, RefusesWhatDoesNotFit) {
  const Picture picture = test_picture(100);
  EXPECT_THROW(DetailSource::make(picture, {200, 0, 50, 50}, {kModel, kModel}, {256, 256}), Error);
  EXPECT_THROW(DetailSource::make(picture, {0, 0, 50, 50}, {kModel, kModel}, {0, 256}), Error);
  const auto source = DetailSource::make(picture, {0, 0, 50, 50}, {kModel, kModel}, {64, 64});
  Pixels generated(kModel, kModel, 3), output(65, 64, 3);
  Field field;
  EXPECT_THROW(DetailBlend()(*source, field.view, generated.image(), output.image()), Error);
  MotionField none;
  Pixels right(64, 64, 3);
  EXPECT_THROW(DetailBlend()(*source, none, generated.image(), right.image()), Error);
}

} // namespace
} // namespace fomo
