// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/conv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/model/kernels/conv_reference.h"

namespace fomo::kernels {
namespace {

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
    return layer_by_definition(GetParam(), in, weight, bias, added, scale, shift);
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

INSTANTIATE_TEST_SUITE_P(Shapes, ConvTest, testing::ValuesIn(kConvolutions));

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
