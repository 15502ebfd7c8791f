// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/pixels.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/kernels/expectation.h"
#include "model/kernels/head_conv.h"
#include "model/motion/motion_math.h"
#include "tests/model/kernels/reference.h"

namespace fomo::kernels {
namespace {

class PixelsTest : public testing::TestWithParam<simd::Isa> {
 protected:
  ThreadPool pool{2};
  Executor executor{&pool, 2, &kernel_table(GetParam())};
  Noise noise{5};
};

TEST_P(PixelsTest, ReadsBytesWithAStride) {
  constexpr int height = 17, width = 5, stride = 3 * width + 2;
  std::vector<uint8_t> pixels(height * stride);
  for (size_t i = 0; i < pixels.size(); i++)
    pixels[i] = uint8_t(i);
  OwnedImage image(3, height, width);
  read_rgb(pixels.data(), stride, image.image, executor);
  for (int y = 0; y < height; y++)
    for (int i = 0; i < 3 * width; i++)
      EXPECT_FLOAT_EQ(value_at(image.image, i % 3, y, i / 3), pixels[y * stride + i] / 255.0F);
  EXPECT_TRUE(image.margins_untouched());
}

/// Computes the output head (7x7 convolution to RGB) by its definition.
Plain head(const Plain& in, int kernel, const std::vector<float>& weight,
           const std::vector<float>& bias) {
  Plain out(3, in.height, in.width);
  for (int o = 0; o < 3; o++)
    for (int y = 0; y < in.height; y++)
      for (int x = 0; x < in.width; x++) {
        double sum = bias[o];
        for (int c = 0; c < in.channels; c++)
          for (int i = 0; i < kernel * kernel; i++)
            sum += weight[((size_t(o) * in.channels + c) * kernel * kernel) + i] *
                   in.padded(c, y + i / kernel - kernel / 2, x + i % kernel - kernel / 2);
        out.at(o, y, x) = 1 / (1 + std::exp(-sum));
      }
  return out;
}

TEST_P(PixelsTest, HeadConvolvesToColours) {
  struct Size {
    int channels, kernel, height, width;
  };
  for (const Size& size : {Size{16, 7, 9, 13}, {43, 7, 3, 2}, {5, 3, 1, 1}, {64, 5, 20, 8}}) {
    const Plain in = noise.picture(size.channels, size.height, size.width);
    auto weight = noise.values(size_t(3) * size.channels * size.kernel * size.kernel);
    for (float& value : weight)
      value *= 0.1F;
    const auto bias = noise.values(3);
    const Plain expected = head(in, size.kernel, weight, bias);
    const HeadConv conv(size.channels, size.kernel, weight.data(), bias.data());
    const OwnedImage image(in);
    Buffer workspace(conv.workspace(size.width, executor.threads));
    OwnedImage planes(3, size.height, size.width);
    std::vector<float> result(size_t(3) * size.height * size.width);
    const ptrdiff_t stride = 3 * size.width + 1;
    std::vector<uint8_t> bytes(size.height * stride, 99);
    conv.run(image.image, {bytes.data(), stride, result.data()}, workspace.data(), executor);
    for (size_t i = 0; i < result.size(); i++)
      EXPECT_NEAR(result[i], expected.values[i], 1e-5);
    for (int y = 0; y < size.height; y++) {
      for (int i = 0; i < 3 * size.width; i++)
        EXPECT_NEAR(bytes[y * stride + i], expected.at(i % 3, y, i / 3) * 255, 0.51);
      EXPECT_EQ(bytes[y * stride + 3 * size.width], 99);
    }
  }
}

TEST(Levels, AreRoundedAndClamped) {
  EXPECT_EQ(level_of(-3), 0);
  EXPECT_EQ(level_of(2), 255);
  EXPECT_EQ(level_of(0.5F), 128);
  EXPECT_EQ(level_of(1.4F / 255), 1);
  EXPECT_EQ(level_of(std::nanf("")), 0);
}

TEST_P(PixelsTest, DownsamplesWithZerosAround) {
  for (const int kernel : {1, 4, 13})
    for (const int stride : {1, 4}) {
      const Plain in = noise.picture(3, 10, 19);
      const auto taps = noise.values(size_t(kernel) * kernel * kLanes);
      Plain expected(3, (in.height + stride - 1) / stride, (in.width + stride - 1) / stride);
      for (int c = 0; c < 3; c++)
        for (int y = 0; y < expected.height; y++)
          for (int x = 0; x < expected.width; x++)
            for (int i = 0; i < kernel * kernel; i++)
              expected.at(c, y, x) +=
                  taps[i * kLanes + c] * in.padded(c, y * stride - kernel / 2 + i / kernel,
                                                   x * stride - kernel / 2 + i % kernel);
      const OwnedImage image(in);
      OwnedImage out(3, expected.height, expected.width);
      downsample({taps.data(), kernel, stride}, image.image, out.image, executor);
      EXPECT_LT(largest_difference(out.image, expected), 1e-5);
      EXPECT_TRUE(out.margins_untouched());
    }
}

/// Softmax over the picture with a temperature.
Plain softmax(Plain logits, double temperature) {
  const int cells = logits.height * logits.width;
  for (int c = 0; c < logits.channels; c++) {
    double* cell = &logits.values[size_t(c) * cells];
    double total = 0, largest = -1e9;
    for (int i = 0; i < cells; i++)
      largest = std::max(largest, cell[i]);
    for (int i = 0; i < cells; i++)
      total += cell[i] = std::exp((cell[i] - largest) / temperature);
    for (int i = 0; i < cells; i++)
      cell[i] /= total;
  }
  return logits;
}

TEST_P(PixelsTest, SoftmaxAndExpectations) {
  for (const double sharpness : {1.0, 40.0}) {
    Plain logits = noise.picture(10, 9, 12);
    for (double& value : logits.values)
      value = float(value * sharpness);
    OwnedImage image(logits);
    std::vector<float> mean(20), peak(10);
    std::vector<HeatBox> boxes(10);
    spatial_softmax(image.image, 0.1F, {mean.data(), peak.data(), boxes.data()}, executor);
    const Plain expected = softmax(logits, 0.1);
    EXPECT_LT(largest_difference(image.image, expected), 1e-5);
    for (int k = 0; k < 10; k++) {
      double x = 0, y = 0, most = 0;
      for (int i = 0; i < 9 * 12; i++) {
        const double heat = expected.at(k, i / 12, i % 12);
        most = std::max(most, heat);
        x += heat * (2.0 * (i % 12) / 11 - 1);
        y += heat * (2.0 * (i / 12) / 8 - 1);
        const HeatBox& box = boxes[k];
        const bool inside =
            i % 12 >= box.left && i % 12 < box.right && i / 12 >= box.top && i / 12 < box.bottom;
        EXPECT_TRUE(inside || heat < 1.001 * kNegligibleHeat);
      }
      EXPECT_NEAR(mean[2 * k], x, 1e-5);
      EXPECT_NEAR(mean[2 * k + 1], y, 1e-5);
      EXPECT_NEAR(peak[k], most, 1e-5);
    }
  }
}

TEST_P(PixelsTest, WindowSumsAreTheConvolutionsExpectation) {
  for (const int pad : {0, 2}) {
    const WindowSums window{5, pad};
    const Plain features = noise.picture(11, 9, 12);
    const int height = 9 + 2 * pad - 4, width = 12 + 2 * pad - 4;
    Plain logits = noise.picture(6, height, width);
    OwnedImage heat(logits);
    std::vector<float> mean(12), peak(6), sums(window_sum_floats(window, 6, 11));
    std::vector<HeatBox> boxes(6);
    spatial_softmax(heat.image, 0.02F, {mean.data(), peak.data(), boxes.data()}, executor);
    const Plain shares = softmax(logits, 0.02);
    OwnedImage in(features);
    window_sums(window, in.image, heat.image, boxes.data(), sums.data(), executor);
    for (int k = 0; k < 6; k++)
      for (int tap = 0; tap < 25; tap++)
        for (int c = 0; c < 11; c++) {
          double expected = 0;
          for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
              expected +=
                  shares.at(k, y, x) * features.padded(c, y + tap / 5 - pad, x + tap % 5 - pad);
          EXPECT_NEAR(sums[(k * 25 + tap) * 16 + c], expected, 1e-5);
        }
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, PixelsTest, testing::ValuesIn(simd::supported_isas()));

} // namespace
} // namespace fomo::kernels
