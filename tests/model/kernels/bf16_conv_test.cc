// SPDX-License-Identifier: LGPL-2.1-or-later
// Convolutions of bf16 on every unit of this processor: AMX, AVX512-BF16, the instruction sets. The
// test prints the units that the processor has not got.
#include "model/kernels/bf16_conv.h"

#include <gtest/gtest.h>

#include <cstring>

#include "model/kernels/bf16_unit.h"
#include "model/kernels/bf16_x86.h"
#include "model/kernels/head_conv.h"
#include "tests/model/kernels/conv_reference.h"

namespace fomo::kernels {
namespace {

/// Multiples of 1/8 in [-1, 1]: sums of products of them are exact in fp32, whatever their order,
/// and so are the sums of taps that an upsampling convolution rounds to bf16.
void make_exact(double& value) { value = std::round(value * 8) / 8; }
void make_exact(float& value) { value = std::round(value * 8) / 8; }
template<typename Values>
Values exact(Values values) {
  for (auto& value : values)
    make_exact(value);
  return values;
}
Plain exact(Plain plain) {
  plain.values = exact(plain.values);
  return plain;
}

/// A Bf16Image with its memory. The memory is full of noise, as that of a stream's arena.
class OwnedBf16 {
 public:
  OwnedBf16(int channels, int height, int width, int border, bool split = false)
      : memory_(bf16_image_floats(channels, height, width, border, split)) {
    std::fill_n(memory_.data(), memory_.size(), 77.5F);
    image = make_bf16_image(memory_.data(), channels, height, width, border, split);
  }
  float at(int c, int y, int x) const {
    const bf16* const number = image.pixel(c / kBf16Lanes, y, x) + c % kBf16Lanes;
    return float_of(*number) + (image.low != 0 ? float_of(number[image.low]) : 0);
  }
  bool is_border_zero() const {
    const int b = image.border;
    for (int block = 0; block < image.blocks(); block++)
      for (int y = -b; y < image.height + b; y++)
        for (int x = -b; x < image.width + b; x++)
          if (y < 0 || x < 0 || y >= image.height || x >= image.width)
            for (int lane = 0; lane < kBf16Lanes; lane++)
              if (image.pixel(block, y, x)[lane] != 0)
                return false;
    return true;
  }

  Bf16Image image;

 private:
  Buffer memory_;
};

class Bf16ConvTest : public testing::TestWithParam<Params> {
 protected:
  Bf16ConvTest() {
    Noise noise(11);
    const ConvShape& shape = GetParam().shape;
    for (const int part : shape.inputs)
      channels += part;
    in = exact(noise.picture(channels, shape.height, shape.width));
    weight = exact(noise.values(size_t(shape.outputs) * channels * shape.kernel * shape.kernel));
    bias = exact(noise.values(shape.outputs));
    added = exact(noise.picture(shape.outputs, shape.result_height(), shape.result_width()));
    scale = std::vector<float>(channels, 1);
    shift = exact(noise.values(channels));
  }

  bool has_residual() const { return GetParam().residual; }

  /// Packs the parts of the input, each into blocks of its own.
  void pack(const Bf16Image& image, bool prologue, const Executor& executor) const {
    int from = 0, to = 0;
    for (const int part : GetParam().shape.inputs) {
      Plain slice(part, in.height, in.width);
      std::copy_n(in.values.begin() + size_t(from) * in.height * in.width, slice.values.size(),
                  slice.values.begin());
      const OwnedImage full(slice);
      std::vector<float> a(scale.begin() + from, scale.begin() + from + part),
          b(shift.begin() + from, shift.begin() + from + part);
      a.resize(padded_channels(part));
      b.resize(padded_channels(part));
      pack_bf16(full.image, prologue ? a.data() : nullptr, prologue ? b.data() : nullptr,
                channel_slice(image, to, part), executor);
      from += part;
      to += padded_bf16_channels(part);
    }
  }

  /// Runs the layer, checks it and returns the bf16 result.
  void check(const Bf16Unit& unit, const KernelTable& kernels, int threads, int border) {
    SCOPED_TRACE(testing::Message() << unit.name << ", " << kernels.name << ", " << threads
                                    << " threads, border " << border);
    const Params& p = GetParam();
    ThreadPool pool(threads);
    const Executor executor{&pool, threads, &kernels, &unit};
    const Bf16Conv conv(p.shape, {weight.data(), bias.data(), nullptr}, executor);
    int padded = 0;
    for (const int part : p.shape.inputs)
      padded += padded_bf16_channels(part);
    OwnedBf16 input(padded, p.shape.height, p.shape.width, border);
    pack(input.image, p.prologue, executor);
    EXPECT_TRUE(input.is_border_zero());
    const Plain expected = layer_by_definition(p, in, weight, bias, added, scale, shift);
    OwnedImage full(expected.channels, expected.height, expected.width), residual(added);
    OwnedBf16 half(expected.channels, expected.height, expected.width, 2);
    Buffer workspace(conv.workspace(threads));
    Bf16Result result;
    result.activation = p.activation;
    result.residual = p.residual ? &residual.image : nullptr;
    result.full = &full.image;
    result.half = &half.image;
    const std::vector<float> after_scale(size_t(padded_bf16_channels(p.shape.outputs)), 0.5F),
        after_shift(after_scale.size(), 0.25F);
    conv.run(input.image, result, workspace.data(), executor);
    const double rounding = p.activation == Activation::sigmoid ? 2e-7 : 0;
    EXPECT_LE(largest_difference(full.image, expected), rounding);
    EXPECT_TRUE(full.margins_untouched());
    EXPECT_TRUE(half.is_border_zero());
    expect_bf16(half, expected, false);
    result.full = nullptr;
    result.scale = after_scale.data();
    result.shift = after_shift.data();
    conv.run(input.image, result, workspace.data(), executor);
    expect_bf16(half, expected, true);
  }

  static void expect_bf16(const OwnedBf16& half, const Plain& expected, bool mapped) {
    double worst = 0;
    for (int c = 0; c < expected.channels; c++)
      for (int y = 0; y < expected.height; y++)
        for (int x = 0; x < expected.width; x++) {
          double value = expected.at(c, y, x);
          if (mapped)
            value = std::max(0.0, value * 0.5 + 0.25);
          worst = std::max(worst, std::abs(half.at(c, y, x) - value) / (1e-5 + std::abs(value)));
        }
    EXPECT_LT(worst, 1.0 / 255);
  }

  int channels = 0;
  Plain in{0, 0, 0}, added{0, 0, 0};
  std::vector<float> weight, bias, scale, shift;
};

// Small multiples of 1/8 make every sum exact: the units agree with the definition to the last bit,
// for all numbers of threads.
TEST_P(Bf16ConvTest, EveryUnitMatchesTheDefinition) {
  if (GetParam().shape.pool && has_residual())
    GTEST_SKIP() << "The network has no residual with pooling.";
  const int pad = GetParam().shape.pad;
  for (const Bf16Unit* unit : supported_bf16_units())
    for (const simd::Isa isa : simd::supported_isas())
      check(*unit, kernel_table(isa), 1, pad);
  for (const int threads : {2, 3, 5})
    check(best_bf16_unit(), best_kernels(), threads, pad + 1);
}
INSTANTIATE_TEST_SUITE_P(Shapes, Bf16ConvTest, testing::ValuesIn(kConvolutions));

// So many channels that the weights are read in parts.
const Params kManyChannels[] = {
    {{{900, 60}, 33, 3, 1, false, false, 4, 5}, Activation::relu, true, true},
    {{{960}, 10, 3, 1, false, true, 4, 6}, Activation::relu},
    {{{2100}, 3, 3, 1, true, false, 2, 9}, Activation::relu},
    {{{160}, 5, 7, 3, false, false, 9, 11}},
    // Pooled, in one group of products.
    {{{70}, 40, 3, 1, false, true, 4, 4}, Activation::relu},
    {{{33}, 12, 3, 1, false, true, 3, 7}},
};
INSTANTIATE_TEST_SUITE_P(ManyChannels, Bf16ConvTest, testing::ValuesIn(kManyChannels));

// Numbers of any kind, each as the sum of two bf16: the errors are those of numbers of 16 bits.
TEST_P(Bf16ConvTest, SplitConvolutionsArePrecise) {
  Params p = GetParam();
  if (p.residual)
    GTEST_SKIP() << "The layers that are split have no residual.";
  p.prologue = false;
  Noise noise(13);
  in = noise.picture(channels, p.shape.height, p.shape.width);
  weight = noise.values(weight.size());
  const Plain expected = layer_by_definition(p, in, weight, bias, added, scale, shift);
  int padded = 0;
  for (const int part : p.shape.inputs)
    padded += padded_bf16_channels(part);
  for (const Bf16Unit* unit : supported_bf16_units()) {
    SCOPED_TRACE(unit->name);
    ThreadPool pool(2);
    const Executor executor{&pool, 2, &best_kernels(), unit};
    const Bf16Conv conv(p.shape, {weight.data(), bias.data(), nullptr}, executor, true);
    OwnedBf16 input(padded, p.shape.height, p.shape.width, p.shape.pad, true);
    pack(input.image, p.prologue, executor);
    OwnedImage full(expected.channels, expected.height, expected.width);
    OwnedBf16 half(expected.channels, expected.height, expected.width, 1, true);
    Buffer workspace(conv.workspace(2));
    Bf16Result result;
    result.activation = p.activation;
    result.full = &full.image;
    result.half = &half.image;
    conv.run(input.image, result, workspace.data(), executor);
    const double tolerance = 2e-5 * std::sqrt(double(channels)) * p.shape.kernel;
    EXPECT_LT(largest_difference(full.image, expected), tolerance);
    EXPECT_TRUE(half.is_border_zero());
    double worst = 0;
    for (int c = 0; c < expected.channels; c++)
      for (int y = 0; y < expected.height; y++)
        for (int x = 0; x < expected.width; x++)
          worst = std::max(worst, std::abs(half.at(c, y, x) - expected.at(c, y, x)) /
                                      (1 + std::abs(expected.at(c, y, x))));
    EXPECT_LT(worst, tolerance);
  }
}

TEST(Bf16Units, HaveNames) {
  for (const Bf16Unit* unit : supported_bf16_units())
    std::printf("bf16 runs on %s\n", unit->name);
  EXPECT_EQ(&best_bf16_unit(), supported_bf16_units().back());
}

TEST(Bf16Units, Amx) {
  if (!amx_unit())
    GTEST_SKIP() << "This processor has no AMX, or the kernel does not allow it.";
  EXPECT_TRUE(is_bf16_faster());
  EXPECT_EQ(&best_bf16_unit(), amx_unit());
}

TEST(Bf16Units, Avx512) {
  if (!avx512_bf16_unit())
    GTEST_SKIP() << "This processor has no AVX512-BF16.";
  EXPECT_STREQ(avx512_bf16_unit()->name, "avx512bf16");
}

TEST(Bf16Rounding, IsToTheNearestEven) {
  EXPECT_EQ(round_to_bf16(0x3f800000), 0x3f80);
  EXPECT_EQ(round_to_bf16(0x3f808000), 0x3f80);
  EXPECT_EQ(round_to_bf16(0x3f818000), 0x3f82);
  EXPECT_EQ(round_to_bf16(0x3f808001), 0x3f81);
  EXPECT_EQ(round_to_bf16(0xbf80ffff), 0xbf81);
}

TEST(Bf16Head, MatchesTheDefinition) {
  for (const auto& [channels, kernel, height, width] : {std::tuple{16, 7, 9, 20},
                                                        {40, 7, 5, 136},
                                                        {64, 7, 4, 256},
                                                        {33, 3, 6, 300},
                                                        {8, 1, 3, 8}}) {
    SCOPED_TRACE(testing::Message() << channels << " channels, " << kernel << ", " << width);
    Noise noise(5);
    const Plain in = exact(noise.picture(channels, height, width));
    const auto weight = exact(noise.values(size_t(3) * channels * kernel * kernel));
    const auto bias = exact(noise.values(3));
    ConvShape shape{{channels}, 3, kernel, kernel / 2, false, false, height, width};
    const Plain expected = convolve(shape, in, weight, bias);
    const Bf16Head head(channels, kernel, weight.data(), bias.data());
    const OwnedImage full(in);
    for (const Bf16Unit* unit : supported_bf16_units()) {
      ThreadPool pool(2);
      const Executor executor{&pool, 2, &best_kernels(), unit};
      OwnedBf16 half(channels, height, width, 3);
      pack_bf16(full.image, nullptr, nullptr, half.image, executor);
      Buffer workspace(head.workspace(width, 2));
      std::vector<float> planes(size_t(3) * height * width);
      HeadOutput output;
      output.planes = planes.data();
      head.run(half.image, output, workspace.data(), executor);
      double worst = 0;
      for (size_t i = 0; i < planes.size(); i++)
        worst = std::max(worst,
                         std::abs(planes[i] - activate(expected.values[i], Activation::sigmoid)));
      EXPECT_LT(worst, 3e-7) << unit->name;
    }
  }
}

} // namespace
} // namespace fomo::kernels
