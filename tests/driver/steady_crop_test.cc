// SPDX-License-Identifier: LGPL-2.1-or-later
// The crop that follows a face: it is still while the face is, moves smoothly, and keeps up.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "driver/steady_crop.h"

namespace fomo::test {

namespace {

constexpr double frame_seconds = 0.04;

TEST(SteadyCrop, BeginsWhereItsTargetIs) {
  SteadyCrop steady;
  const Square crop = steady.update({100, 80, 50}, frame_seconds);
  EXPECT_EQ(crop.cx, 100);
  EXPECT_EQ(crop.cy, 80);
  EXPECT_EQ(crop.size, 50);
}

TEST(SteadyCrop, RestsWhileItsTargetJitters) {
  SteadyCrop steady;
  std::mt19937 random(1);
  std::normal_distribution<double> jitter(0, 2); // pixels; 2% of the face's side
  const Square first = steady.update({500, 300, 200}, frame_seconds);
  for (int t = 0; t < 200; t++) {
    const Square crop = steady.update(
        {500 + jitter(random), 300 + jitter(random), 200 + jitter(random)}, frame_seconds);
    EXPECT_EQ(crop.cx, first.cx);
    EXPECT_EQ(crop.cy, first.cy);
    EXPECT_EQ(crop.size, first.size);
  }
}

TEST(SteadyCrop, NeverFallsFarBehind) {
  SteadyCrop steady;
  steady.update({0, 0, 200}, frame_seconds);
  for (int t = 0; t < 60; t++) {
    // The target moves by half a crop a frame, and doubles its size within half a second.
    const Square target{100.0 * t, -70.0 * t, 200 * std::exp2(t / 12.0)};
    const Square crop = steady.update(target, frame_seconds);
    EXPECT_LE(std::hypot(crop.cx - target.cx, crop.cy - target.cy), 0.2 * crop.size + 1e-9);
    EXPECT_GE(crop.size, 0.7 * target.size);
  }
}

TEST(SteadyCrop, GlidesToItsTargetWithoutOvershooting) {
  SteadyCrop steady;
  steady.update({0, 0, 100}, frame_seconds);
  const Square target{18, 0, 125};
  Square last{0, 0, 100};
  for (int t = 0; t < 50; t++) {
    const Square crop = steady.update(target, frame_seconds);
    EXPECT_GE(crop.cx, last.cx);
    EXPECT_GE(crop.size, last.size);
    EXPECT_LE(crop.cx, target.cx + 1e-9);
    EXPECT_LE(crop.size, target.size + 1e-9);
    EXPECT_LT(crop.cx - last.cx, 4);
    last = crop;
  }
  EXPECT_NEAR(last.cx, target.cx, 0.02 * target.size);
  EXPECT_NEAR(last.size, target.size, 0.04 * target.size);
}

TEST(SteadyCrop, MovesAsFastAtAnyFrameRate) {
  SteadyCrop slow, quick;
  const Square start{0, 0, 100}, target{15, 0, 100};
  slow.update(start, 0);
  quick.update(start, 0);
  Square a, b;
  for (int t = 0; t < 5; t++)
    a = slow.update(target, 0.04);
  for (int t = 0; t < 20; t++)
    b = quick.update(target, 0.01);
  EXPECT_NEAR(a.cx, b.cx, 1e-6);
}

TEST(SteadyCrop, JumpsAfterAReset) {
  SteadyCrop steady;
  steady.update({0, 0, 100}, frame_seconds);
  steady.reset();
  EXPECT_EQ(steady.update({900, 0, 300}, frame_seconds).cx, 900);
}

} // namespace

} // namespace fomo::test
