// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/ear_gate.h"

#include <vector>

#include <gtest/gtest.h>

namespace fomo {
namespace {

/// A square face with an ear on either side and a neck.
KeypointSet face(float left_ear_x) {
  KeypointSet keypoints;
  keypoints.value = {-0.3F,      -0.3F, 0.3F,   -0.3F, 0.3F, 0.3F, -0.3F, 0.3F, // the face
                     left_ear_x, 0,     -0.55F, 0,     0,    0.9F};
  keypoints.count = 7;
  keypoints.on_face = 4;
  keypoints.first_ear = 4;
  return keypoints;
}

TEST(EarGate, LeavesEarsBesideTheFaceAlone) {
  float bias[8];
  EXPECT_FALSE(gate_ears(face(0.55F), bias));
  for (const float value : bias)
    EXPECT_EQ(value, 0);
}

TEST(EarGate, HoldsAnEarBackThatComesToLieInTheFace) {
  float bias[8], before = 0;
  for (const float x : {0.44F, 0.42F, 0.4F, 0.35F, 0.2F}) {
    EXPECT_TRUE(gate_ears(face(x), bias)) << x;
    EXPECT_LE(bias[5], before) << x;
    before = bias[5];
    EXPECT_EQ(bias[6], 0) << "the other ear";
    EXPECT_EQ(bias[0], 0) << "the background";
  }
  EXPECT_EQ(before, -30);
}

TEST(EarGate, IsContinuous) {
  float bias[8], before = 0;
  for (int step = 0; step < 400; step++) {
    gate_ears(face(0.55F - 0.001F * static_cast<float>(step)), bias);
    EXPECT_NEAR(bias[5], before, 0.5);
    before = bias[5];
  }
}

TEST(EarGate, HoldsCellsOfTheFaceAlone) {
  constexpr int kCells = 64;
  std::vector<float> inside(kCells * kCells);
  inside_face(face(0.2F), kCells, kCells, inside.data());
  const auto at = [&](float x, float y) {
    const auto cell = [](float z) { return static_cast<int>((z + 1) / 2 * (kCells - 1)); };
    return inside[static_cast<size_t>(cell(y)) * kCells + cell(x)];
  };
  EXPECT_EQ(at(0, 0), 1);
  EXPECT_EQ(at(0.29F, 0.29F), 1);
  EXPECT_EQ(at(0.55F, 0), 0);
  EXPECT_EQ(at(0, -0.9F), 0);
}

TEST(EarGate, NeedsToKnowWhichKeypointsAreEars) {
  KeypointSet unnamed = face(0);
  unnamed.first_ear = 0;
  float bias[8];
  EXPECT_FALSE(gate_ears(unnamed, bias));
}

TEST(EarGate, MovesAHiddenEarOfTheSourceOffTheFaceAndNoOther) {
  for (const float x : {0.34F, 0.40F}) { // at the edge of the cheek, which ends at 0.3
    KeypointSet source = face(x);
    move_ears_off_face(source);
    EXPECT_NEAR(source.value[8], 0.47, 0.005) << x;
    EXPECT_EQ(source.value[9], 0);
    EXPECT_EQ(source.value[10], -0.55F) << "the other ear";
  }
  for (const float x : {0.55F, 0.2F}) { // beside the face; behind it, on the far side
    KeypointSet source = face(x);
    move_ears_off_face(source);
    EXPECT_EQ(source.value, face(x).value) << x;
  }
  KeypointSet unnamed = face(0.34F);
  unnamed.first_ear = 0;
  move_ears_off_face(unnamed);
  EXPECT_EQ(unnamed.value, face(0.34F).value);
}

} // namespace
} // namespace fomo
