// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/motion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/model/kernels/reference.h"

namespace fomo::kernels {
namespace {

struct Point {
  double x, y;
};

double coordinate(int index, int size) { return 2.0 * index / (size - 1) - 1; }

/// Computes grid_sample by its definition: bilinear, zeros outside.
double sample(const Plain& picture, int channel, Point at, bool align_corners) {
  const auto cell = [&](double c, int size) {
    return align_corners ? (c + 1) / 2 * (size - 1) : ((c + 1) * size - 1) / 2;
  };
  const double x = cell(at.x, picture.width), y = cell(at.y, picture.height);
  if (!(std::abs(x) < 1e6 && std::abs(y) < 1e6))
    return 0;
  const int left = int(std::floor(x)), top = int(std::floor(y));
  double sum = 0;
  for (int dy = 0; dy < 2; dy++)
    for (int dx = 0; dx < 2; dx++)
      sum += (1 - std::abs(x - left - dx)) * (1 - std::abs(y - top - dy)) *
             picture.padded(channel, top + dy, left + dx);
  return sum;
}

Point apply(const LocalMotion& m, double x, double y) {
  return {m.matrix[0] * x + m.matrix[1] * y + m.shift[0],
          m.matrix[2] * x + m.matrix[3] * y + m.shift[1]};
}

std::vector<LocalMotion> random_motions(int count, Noise& noise) {
  std::vector<LocalMotion> motions{{{1, 0, 0, 1}, {0, 0}}};
  while (int(motions.size()) < count)
    motions.push_back({{1 + noise() / 2, noise(), noise(), 1 + noise() / 2}, {noise(), noise()}});
  return motions;
}

class MotionTest : public testing::TestWithParam<simd::Isa> {
 protected:
  ThreadPool pool{3};
  Executor executor{&pool, 3, &kernel_table(GetParam())};
  Noise noise{11};
};

TEST_P(MotionTest, InputIsHeatmapAndMovedPicture) {
  constexpr int height = 9, width = 13;
  constexpr float variance = 0.02F;
  for (const int count : {1, 4, 11})
    for (const bool align_corners : {true, false}) {
      const Plain picture = noise.picture(3, height, width);
      std::vector<float> interleaved(size_t(height) * width * 4);
      for (int i = 0; i < height * width; i++)
        for (int c = 0; c < 3; c++)
          interleaved[4 * i + c + 1] = float(picture.at(c, i / width, i % width));
      const auto motions = random_motions(count, noise);
      const int keypoints = count - 1;
      const auto driving = noise.values(2 * keypoints), source = noise.values(2 * keypoints);
      std::vector<float> tables[4];
      for (int i = 0; i < 4; i++)
        tables[i].resize(keypoints * (i % 2 == 0 ? width : height));
      fill_heatmaps(driving.data(), keypoints, variance, width, height, tables[0].data(),
                    tables[1].data());
      fill_heatmaps(source.data(), keypoints, variance, width, height, tables[2].data(),
                    tables[3].data());
      OwnedImage out(4 * count, height, width);
      build_motion_input({interleaved.data(),
                          motions.data(),
                          count,
                          {tables[0].data(), tables[1].data()},
                          {tables[2].data(), tables[3].data()},
                          align_corners},
                         out.image, executor);
      Plain expected(4 * count, height, width);
      const auto heat = [&](const std::vector<float>& kp, int k, double x, double y) {
        return std::exp(-0.5 / variance *
                        (std::pow(x - kp[2 * k], 2) + std::pow(y - kp[2 * k + 1], 2)));
      };
      for (int k = 0; k < count; k++)
        for (int y = 0; y < height; y++)
          for (int x = 0; x < width; x++) {
            const double cx = coordinate(x, width), cy = coordinate(y, height);
            if (k > 0)
              expected.at(4 * k, y, x) = heat(driving, k - 1, cx, cy) - heat(source, k - 1, cx, cy);
            for (int c = 0; c < 3; c++)
              expected.at(4 * k + 1 + c, y, x) =
                  sample(picture, c, apply(motions[k], cx, cy), align_corners);
          }
      EXPECT_LT(largest_difference(out.image, expected), 2e-5) << count;
      EXPECT_TRUE(out.margins_untouched());
      for (int c = 4 * count; c < padded_channels(4 * count); c++)
        EXPECT_EQ(value_at(out.image, c, 3, 3), 0);
    }
}

TEST_P(MotionTest, CombinesMotionsBySoftmax) {
  constexpr int height = 7, width = 10;
  for (const int count : {1, 7, 8, 11, 16})
    for (const bool occlusion : {true, false}) {
      Plain logits = noise.picture(count + 1, height, width);
      for (double& value : logits.values)
        value *= 30;
      const OwnedImage in(logits);
      const auto motions = random_motions(count, noise);
      std::vector<float> deformation(2 * height * width), hidden(height * width, -1);
      combine_motions(in.image, motions.data(), count,
                      {height, width, deformation.data(), occlusion ? hidden.data() : nullptr},
                      executor);
      for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
          double total = 0, largest = -1e9;
          Point sum{0, 0};
          for (int k = 0; k < count; k++)
            largest = std::max(largest, logits.at(k, y, x));
          for (int k = 0; k < count; k++) {
            const double share = std::exp(logits.at(k, y, x) - largest);
            const Point to = apply(motions[k], coordinate(x, width), coordinate(y, height));
            sum.x += share * to.x;
            sum.y += share * to.y;
            total += share;
          }
          const int i = y * width + x;
          EXPECT_NEAR(deformation[2 * i], sum.x / total, 2e-6);
          EXPECT_NEAR(deformation[2 * i + 1], sum.y / total, 2e-6);
          EXPECT_NEAR(hidden[i], occlusion ? 1 / (1 + std::exp(-logits.at(count, y, x))) : -1,
                      1e-6);
        }
    }
}

TEST_P(MotionTest, WarpsAndHides) {
  const Plain features = noise.picture(21, 6, 8);
  const OwnedImage in(features);
  constexpr int height = 5, width = 90;
  for (const bool align_corners : {true, false})
    for (const bool occlusion : {true, false}) {
      auto deformation = noise.values(2 * height * width), shown = noise.values(height * width);
      for (float& value : deformation)
        value *= 1.3F; // some of it outside
      deformation[0] = std::numeric_limits<float>::quiet_NaN();
      deformation[2] = std::numeric_limits<float>::infinity();
      deformation[5] = -1e30F;
      OwnedImage out(21, height, width);
      warp(in.image, {height, width, deformation.data(), occlusion ? shown.data() : nullptr},
           align_corners, out.image, executor);
      Plain expected(21, height, width);
      for (int c = 0; c < 21; c++)
        for (int i = 0; i < height * width; i++)
          expected.at(c, i / width, i % width) =
              (occlusion ? shown[i] : 1) *
              sample(features, c, {deformation[2 * i], deformation[2 * i + 1]}, align_corners);
      EXPECT_LT(largest_difference(out.image, expected), 1e-5);
      EXPECT_TRUE(out.margins_untouched());
    }
}

TEST_P(MotionTest, ResizesWithCellCentresAligned) {
  // 2 cells to 4: centres at -0.25, 0.25, 0.75, 1.25 of the small map; edges repeat.
  const std::vector<float> deformation{0, 10, 4, 30}, occlusion{0, 1};
  std::vector<float> large(8), shown(4);
  resize_flow({1, 2, const_cast<float*>(deformation.data()), const_cast<float*>(occlusion.data())},
              {1, 4, large.data(), shown.data()}, executor);
  EXPECT_EQ(large, (std::vector<float>{0, 10, 1, 15, 3, 25, 4, 30}));
  EXPECT_EQ(shown, (std::vector<float>{0, 0.25, 0.75, 1}));
}

TEST_P(MotionTest, KeepsTheSourceWhereItIsVisible) {
  constexpr int height = 12, width = 20, cells_high = 3, cells_wide = 5; // four pixels a cell
  const Plain picture = noise.picture(3, height, width);
  std::vector<float> interleaved;
  for (int i = 0; i < height * width; i++) {
    for (int c = 0; c < 3; c++)
      interleaved.push_back(picture.at(c, i / width, i % width));
    interleaved.push_back(1);
  }
  Plain opaque(1, height, width);
  for (int i = 0; i < height * width; i++)
    opaque.at(0, i / width, i % width) = 1;
  for (const bool align_corners : {true, false}) {
    auto deformation = noise.values(2 * cells_high * cells_wide),
         shown = noise.values(cells_high * cells_wide);
    for (float& value : deformation)
      value *= 1.3F; // some of it outside
    const Flow flow{cells_high, cells_wide, deformation.data(), shown.data()};
    std::vector<float> x_and_y(2 * height * width), visible(height * width);
    resize_flow(flow, {height, width, x_and_y.data(), visible.data()}, executor);
    const KeptSource source{interleaved.data(), height, width, flow, align_corners};
    for (int row = 0; row < height; row++) {
      const std::vector<float> painted = noise.values(3 * width);
      std::vector<float> out = painted;
      executor.kernels->keep_row(source, row, out.data());
      for (int x = 0; x < width; x++) {
        const int i = row * width + x;
        // With align_corners -1 and 1 are the outermost cells' centres, otherwise their edges.
        const double across = align_corners ? 1 - 1.0 / cells_wide : 1,
                     down = align_corners ? 1 - 1.0 / cells_high : 1;
        const Point from{x_and_y[2 * i] * across, x_and_y[2 * i + 1] * down};
        const double inside = sample(opaque, 0, from, false);
        for (int c = 0; c < 3; c++)
          EXPECT_NEAR(out[3 * x + c],
                      visible[i] * sample(picture, c, from, false) +
                          (1 - visible[i] * inside) * painted[3 * x + c],
                      1e-5);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, MotionTest, testing::ValuesIn(simd::supported_isas()));

} // namespace
} // namespace fomo::kernels
