// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/conv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>

#include "tests/model/kernels/reference.h"

namespace fomo::kernels {
namespace {

struct Params {
  ConvShape shape;
  Activation activation = Activation::none;
  bool residual = false;
  bool prologue = false;
};

std::ostream& operator<<(std::ostream& out, const Params& p) {
  for (const int part : p.shape.inputs)
    out << part << "+";
  return out << " -> " << p.shape.outputs << ", " << p.shape.kernel << "x" << p.shape.kernel << ", "
             << p.shape.height << "x" << p.shape.width << (p.shape.upsample ? " x2" : "")
             << (p.shape.pool ? " pool" : "") << (p.residual ? " residual" : "")
             << (p.prologue ? " prologue" : "");
}

double activate(double x, Activation activation) {
  if (activation == Activation::relu)
    return std::max(x, 0.0);
  if (activation == Activation::sigmoid)
    return 1 / (1 + std::exp(-x));
  return x;
}

/// Computes the convolution by its definition.
Plain convolve(const ConvShape& shape, const Plain& in, const std::vector<float>& weight,
               const std::vector<float>& bias) {
  const int k = shape.kernel, scale = shape.upsample ? 2 : 1;
  Plain out(shape.outputs, shape.result_height(), shape.result_width());
  for (int o = 0; o < out.channels; o++)
    for (int y = 0; y < out.height; y++)
      for (int x = 0; x < out.width; x++) {
        double sum = bias[o];
        for (int i = 0; i < in.channels; i++)
          for (int v = 0; v < k; v++)
            for (int u = 0; u < k; u++) {
              const int sy = y + v - shape.pad, sx = x + u - shape.pad;
              if (sy >= 0 && sx >= 0 && sy < in.height * scale && sx < in.width * scale)
                sum += double(weight[((size_t(o) * in.channels + i) * k + v) * k + u]) *
                       in.at(i, sy / scale, sx / scale);
            }
        out.at(o, y, x) = sum;
      }
  return out;
}

Plain pooled(const Plain& in) {
  Plain out(in.channels, in.height / 2, in.width / 2);
  for (int c = 0; c < out.channels; c++)
    for (int y = 0; y < out.height; y++)
      for (int x = 0; x < out.width; x++)
        out.at(c, y, x) = (in.at(c, 2 * y, 2 * x) + in.at(c, 2 * y, 2 * x + 1) +
                           in.at(c, 2 * y + 1, 2 * x) + in.at(c, 2 * y + 1, 2 * x + 1)) /
                          4;
  return out;
}

class ConvTest : public testing::TestWithParam<Params> {
 protected:
  ConvTest() {
    Noise noise(7);
    const ConvShape& shape = GetParam().shape;
    for (const int part : shape.inputs)
      channels += part;
    in = noise.picture(channels, shape.height, shape.width);
    weight = noise.values(size_t(shape.outputs) * channels * shape.kernel * shape.kernel);
    bias = noise.values(shape.outputs);
    added = noise.picture(shape.outputs, shape.result_height(), shape.result_width());
    scale = noise.values(channels);
    shift = noise.values(channels);
    expected = expect();
  }

  /// Computes the layer by its definition.
  Plain expect() const {
    const Params& p = GetParam();
    Plain read = in;
    for (int c = 0; p.prologue && c < channels; c++)
      for (int i = 0; i < in.height * in.width; i++) {
        double& x = read.values[size_t(c) * in.height * in.width + i];
        x = std::max(0.0, x * scale[c] + shift[c]);
      }
    Plain result = convolve(p.shape, read, weight, bias);
    for (size_t i = 0; i < result.values.size(); i++)
      result.values[i] =
          activate(result.values[i] + (p.residual ? added.values[i] : 0), p.activation);
    return p.shape.pool ? pooled(result) : result;
  }

  /// Runs the layer, checks the result and returns it.
  std::vector<float> check(Algorithm algorithm, const KernelTable& kernels, int threads) {
    SCOPED_TRACE(testing::Message() << algorithm_name(algorithm) << ", " << kernels.name << ", "
                                    << threads << " threads");
    const Params& p = GetParam();
    const ConvShape& shape = p.shape;
    ThreadPool pool(threads);
    const Executor executor{&pool, threads, &kernels};
    const Conv conv(shape, algorithm, {weight.data(), bias.data(), nullptr}, executor);
    OwnedImage input(shape.input_channels(), shape.height, shape.width);
    fill_parts(shape, in, input.image);
    OwnedImage output(expected.channels, expected.height, expected.width), residual(added);
    Buffer workspace(conv.workspace(threads, kernels));
    ConvExtras extras{p.activation, p.residual ? &residual.image : nullptr, nullptr, nullptr};
    std::vector<float> padded_scale = scale, padded_shift = shift;
    padded_scale.resize(shape.input_channels());
    padded_shift.resize(shape.input_channels());
    if (p.prologue)
      extras.scale = padded_scale.data(), extras.shift = padded_shift.data();
    for (int run = 0; run < 2; run++)
      conv.run(input.image, output.image, extras, workspace.data(), executor);
    // Sums of many products of numbers below one. Winograd transforms add some rounding errors.
    const double tolerance = 3e-6 * std::sqrt(double(channels)) * shape.kernel * 8;
    EXPECT_LT(largest_difference(output.image, expected), tolerance);
    EXPECT_TRUE(output.margins_untouched());
    const Image& image = output.image;
    return {image.data, image.data + image.blocks() * image.block_stride};
  }

  /// Copies the input; each part of the channels begins in a new block.
  static void fill_parts(const ConvShape& shape, const Plain& in, const Image& image) {
    int from = 0, to = 0;
    for (const int part : shape.inputs) {
      Plain slice(part, in.height, in.width);
      for (int c = 0; c < part; c++)
        for (int y = 0; y < in.height; y++)
          for (int x = 0; x < in.width; x++)
            slice.at(c, y, x) = in.at(from + c, y, x);
      OwnedImage::fill(channel_slice(image, to, part), slice);
      from += part;
      to += padded_channels(part);
    }
  }

  int channels = 0;
  Plain in{0, 0, 0}, added{0, 0, 0}, expected{0, 0, 0};
  std::vector<float> weight, bias, scale, shift;
};

// The result is the same, bit for bit, for every number of threads.
TEST_P(ConvTest, EveryAlgorithmMatchesTheDefinition) {
  for (const Algorithm algorithm : algorithms_for(GetParam().shape))
    for (const simd::Isa isa : simd::supported_isas()) {
      const std::vector<float> alone = check(algorithm, kernel_table(isa), 1);
      for (const int threads : {2, 3, 5})
        EXPECT_EQ(check(algorithm, kernel_table(isa), threads), alone);
    }
}

const Params params[] = {
    {{{1}, 1, 3, 1, false, false, 1, 1}},
    {{{8}, 16, 3, 1, false, false, 1, 7}, Activation::relu},
    {{{3}, 13, 3, 1, false, false, 5, 4}, Activation::relu},
    {{{16}, 32, 3, 1, false, false, 12, 12}, Activation::relu, true, true},
    {{{20}, 40, 3, 1, false, false, 17, 23}, Activation::none, true, true},
    {{{72}, 56, 3, 1, false, false, 30, 31}, Activation::sigmoid},
    {{{5, 11, 8}, 24, 3, 1, false, false, 9, 6}, Activation::relu},
    {{{12}, 20, 3, 1, false, true, 8, 8}, Activation::relu},
    {{{12}, 20, 3, 1, false, true, 11, 7}, Activation::relu},
    {{{9}, 33, 3, 1, false, true, 2, 3}, Activation::relu},
    {{{9}, 17, 3, 1, true, false, 1, 1}, Activation::relu},
    {{{24}, 16, 3, 1, true, false, 6, 5}, Activation::relu},
    {{{4, 12}, 70, 3, 1, true, false, 13, 16}, Activation::relu},
    {{{3}, 10, 7, 3, false, false, 9, 11}, Activation::sigmoid},
    {{{11, 3}, 12, 7, 0, false, false, 13, 14}},
    {{{20}, 50, 7, 3, false, false, 3, 2}},
    {{{6}, 3, 5, 2, false, false, 8, 9}},
    {{{40}, 24, 1, 0, false, false, 5, 5}, Activation::relu},
};
INSTANTIATE_TEST_SUITE_P(Shapes, ConvTest, testing::ValuesIn(params));

TEST(ConvShapes, UseAPictureInPlace) {
  Noise noise(3);
  const ConvShape shape{{16}, 16, 3, 1, false, false, 10, 10};
  const auto weight = noise.values(16 * 16 * 9), bias = noise.values(16);
  const Plain in = noise.picture(16, 10, 10), start = noise.picture(16, 10, 10);
  const Executor executor;
  for (const Algorithm algorithm : algorithms_for(shape)) {
    const Conv conv(shape, algorithm, {weight.data(), bias.data(), nullptr}, executor);
    Buffer workspace(conv.workspace(1, *executor.kernels));
    OwnedImage input(in), output(start);
    conv.run(input.image, output.image, {Activation::none, &output.image, nullptr, nullptr},
             workspace.data(), executor);
    Plain expected = convolve(shape, in, weight, bias);
    for (size_t i = 0; i < expected.values.size(); i++)
      expected.values[i] += start.values[i];
    EXPECT_LT(largest_difference(output.image, expected), 1e-4) << algorithm_name(algorithm);
  }
}

} // namespace
} // namespace fomo::kernels
