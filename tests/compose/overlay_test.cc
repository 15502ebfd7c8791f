// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/overlay.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace fomo {
namespace {

constexpr int kSize = 160, kCells = 16, kMotions = 4;

struct Scene {
  std::vector<float> deformation, occlusion, mask;
  std::vector<uint8_t> driving, pixels;
  OverlayContent content;
  FomoImage output;

  explicit Scene(int channels = 3)
      : occlusion(kCells * kCells, 0.3F), mask(kMotions * kCells * kCells, 1.0F / kMotions),
        driving(64 * 64 * 3, 90), pixels(size_t(kSize) * kSize * channels, 120) {
    for (int y = 0; y < kCells; y++)
      for (int x = 0; x < kCells; x++) {
        deformation.push_back(2 * static_cast<float>(x) / (kCells - 1) - 1);
        deformation.push_back(2 * static_cast<float>(y) / (kCells - 1) - 1);
      }
    OverlayFace face;
    face.place = {20, 30, 100, 100};
    face.field = {kCells, kCells, deformation.data(), occlusion.data(), true};
    face.masks = {kMotions, mask.data()};
    face.keypoints = {3, {0, 0, -0.5F, 0.5F, 0.8F, -0.8F}, {}};
    content.faces.push_back(face);
    content.driving = {driving.data(), 64, 64, 64 * 3, 3};
    content.stats = "fps 25.0\nkeypoints 3.1 ms";
    output = {pixels.data(), kSize, kSize, ptrdiff_t{kSize} * channels, channels};
  }

  const uint8_t* at(int x, int y) const {
    return pixels.data() + y * output.stride + ptrdiff_t{output.channels} * x;
  }
  bool touched(int x, int y) const {
    return std::any_of(at(x, y), at(x, y) + output.channels, [](uint8_t v) { return v != 120; });
  }
  int touched_in(const cv::Rect& region) const {
    int count = 0;
    for (int y = region.y; y < region.y + region.height; y++)
      for (int x = region.x; x < region.x + region.width; x++)
        count += touched(x, y);
    return count;
  }
};

TEST(Overlay, DrawsNothingUnlessAsked) {
  Scene scene;
  draw_overlay(0, scene.content, scene.output);
  EXPECT_EQ(scene.touched_in({0, 0, kSize, kSize}), 0);
}

TEST(Overlay, MarksKeypointsInTheirColours) {
  Scene scene;
  draw_overlay(FOMO_OVERLAY_KEYPOINTS, scene.content, scene.output);
  const OverlayColour second = keypoint_colour(1, 3);
  const uint8_t* pixel = scene.at(20 + 25, 30 + 75);
  EXPECT_EQ(pixel[0], second.red);
  EXPECT_EQ(pixel[1], second.green);
  EXPECT_EQ(pixel[2], second.blue);
  EXPECT_FALSE(scene.touched(20 + 75, 30 + 75));
}

TEST(Overlay, GivesEveryKeypointItsOwnColour) {
  std::set<int> colours;
  for (int k = 0; k < 15; k++) {
    const OverlayColour colour = keypoint_colour(k, 15);
    colours.insert(colour.red << 16 | colour.green << 8 | colour.blue);
  }
  EXPECT_EQ(colours.size(), 15U);
}

TEST(Overlay, TintsWhatIsHidden) {
  Scene scene;
  std::fill(scene.occlusion.begin(), scene.occlusion.begin() + kCells * kCells / 2, 1.0F);
  draw_overlay(FOMO_OVERLAY_OCCLUSION, scene.content, scene.output);
  EXPECT_FALSE(scene.touched(70, 40));
  EXPECT_GT(scene.at(70, 120)[0], 150);
  EXPECT_LT(scene.at(70, 120)[1], 90);
}

TEST(Overlay, ColoursTheMasksButNotTheBackground) {
  Scene scene;
  const int cells = kCells * kCells;
  std::fill(scene.mask.begin(), scene.mask.end(), 0.0F);
  std::fill(scene.mask.begin(), scene.mask.begin() + cells / 2, 1.0F);
  std::fill(scene.mask.begin() + cells + cells / 2, scene.mask.begin() + 2 * cells, 1.0F);
  draw_overlay(FOMO_OVERLAY_MASK, scene.content, scene.output);
  EXPECT_FALSE(scene.touched(70, 40));
  EXPECT_GT(scene.at(70, 120)[0], 190); // the first keypoint is red
}

TEST(Overlay, DrawsTheGridWhereTheSourceIs) {
  Scene still, moved;
  for (size_t i = 0; i < moved.deformation.size(); i += 2)
    moved.deformation[i] += 0.06F;
  draw_overlay(FOMO_OVERLAY_GRID, still.content, still.output);
  draw_overlay(FOMO_OVERLAY_GRID, moved.content, moved.output);
  const int lines = still.touched_in({20, 30, 100, 100});
  EXPECT_GT(lines, 1500);
  EXPECT_LT(lines, 6000);
  EXPECT_EQ(still.touched_in({0, 0, 20, kSize}), 0);
  EXPECT_NE(still.pixels, moved.pixels);
}

TEST(Overlay, BoxesGuideAndTextAreInTheirPlaces) {
  Scene boxes, guide, text;
  draw_overlay(FOMO_OVERLAY_CROPS, boxes.content, boxes.output);
  EXPECT_TRUE(boxes.touched(20, 80));
  EXPECT_FALSE(boxes.touched(70, 80));
  draw_overlay(FOMO_OVERLAY_GUIDE, guide.content, guide.output);
  EXPECT_GT(guide.touched_in({kSize / 2, 0, kSize / 2, kSize / 2}), 2000);
  EXPECT_EQ(guide.touched_in({0, kSize / 2, kSize / 2, kSize / 2}), 0);
  draw_overlay(FOMO_OVERLAY_STATS, text.content, text.output);
  EXPECT_GT(text.touched_in({0, kSize - 30, kSize, 30}), 100);
}

TEST(Overlay, IsOpaqueAndSurvivesAnything) {
  Scene scene(4);
  std::fill(scene.pixels.begin(), scene.pixels.end(), uint8_t{0});
  scene.content.faces[0].place = {-50, 100, 100, 100};
  scene.content.faces[0].keypoints.value = {NAN, 1e30F, -0.5F, -0.5F, INFINITY, 0};
  scene.content.faces.emplace_back(); // a face without any data
  scene.content.faces.push_back(scene.content.faces[0]);
  scene.content.faces.back().place = {500, 500, 100, 100};
  draw_overlay(~0U, scene.content, scene.output);
  EXPECT_EQ(scene.at(kSize - 20, 20)[3], 255); // in the driver's picture
}

} // namespace
} // namespace fomo
