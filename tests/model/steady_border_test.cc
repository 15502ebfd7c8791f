// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/steady_border.h"

#include <vector>

#include <gtest/gtest.h>

namespace fomo {
namespace {

constexpr int kWidth = 20, kHeight = 12;

TEST(SteadyBorder, HoldsTheBorderAndLeavesTheMiddleAlone) {
  std::vector<float> deformation(2 * kWidth * kHeight, 0.3F), occlusion(kWidth * kHeight, 0.25F);
  SteadyBorder(kWidth, kHeight, 2, 0.5F).apply(deformation.data(), occlusion.data());

  const int corner = 0, last = kWidth * kHeight - 1, middle = 6 * kWidth + 10;
  EXPECT_FLOAT_EQ(deformation[2 * corner], -1);
  EXPECT_FLOAT_EQ(deformation[2 * corner + 1], -1);
  EXPECT_FLOAT_EQ(deformation[2 * last], 1);
  EXPECT_FLOAT_EQ(deformation[2 * last + 1], 1);
  EXPECT_FLOAT_EQ(occlusion[corner], 1);
  EXPECT_NEAR(deformation[2 * middle], 0.3F, 1e-5);
  EXPECT_NEAR(occlusion[middle], 0.25F, 1e-5);
}

TEST(SteadyBorder, LeavesTheIdentityAsItIs) {
  std::vector<float> deformation;
  for (int y = 0; y < kHeight; y++)
    for (int x = 0; x < kWidth; x++) {
      deformation.push_back(2 * static_cast<float>(x) / (kWidth - 1) - 1);
      deformation.push_back(2 * static_cast<float>(y) / (kHeight - 1) - 1);
    }
  const std::vector<float> before = deformation;
  SteadyBorder(kWidth, kHeight).apply(deformation.data(), nullptr);
  for (size_t i = 0; i < before.size(); i++)
    EXPECT_NEAR(deformation[i], before[i], 1e-6);
}

TEST(SteadyBorder, WeightsFallInwardsWithoutAStep) {
  const SteadyBorder border(64, 64, 4, 1.5F);
  const float* row = border.weights().data() + ptrdiff_t{32} * 64;
  for (int x = 1; x < 32; x++) {
    EXPECT_LE(row[x], row[x - 1]);
    EXPECT_LT(row[x - 1] - row[x], 0.3F);
    EXPECT_NEAR(row[x], row[63 - x], 1e-6);
  }
  EXPECT_FLOAT_EQ(row[0], 1);
  EXPECT_LT(row[12], 1e-3F);
}

} // namespace
} // namespace fomo
