// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <cmath>

#include "common/error.h"
#include "train/render/templates.h"

namespace fomo::test {
namespace {

using namespace render;

// All numbers of a performance, by name.
std::map<std::string, float> numbers(const Performance& p) {
  std::map<std::string, float> all = p.units;
  all["pitch"] = p.turn.x, all["yaw"] = p.turn.y, all["roll"] = p.turn.z;
  all["gaze x"] = p.gaze.x, all["gaze y"] = p.gaze.y;
  all["left lid"] = p.closure[0], all["right lid"] = p.closure[1];
  all["sway x"] = p.sway.x, all["sway y"] = p.sway.y, all["sway z"] = p.sway.z;
  all["lean x"] = p.lean.x, all["lean y"] = p.lean.y, all["lean z"] = p.lean.z;
  return all;
}

// The change of each number from one performance to another, per second.
std::map<std::string, float> speed(const Performance& a, const Performance& b, float seconds) {
  std::map<std::string, float> result;
  for (const auto& [name, value] : numbers(b))
    result[name] += value / seconds;
  for (const auto& [name, value] : numbers(a))
    result[name] -= value / seconds;
  return result;
}

TEST(Templates, AreCyclicInPoseAndVelocity) {
  constexpr float step = 0.001f;
  for (const MotionTemplate& cycle : motion_templates()) {
    SCOPED_TRACE(cycle.name);
    const auto at = [&](float time) { return cycle.at(time, cycle.seconds); };
    for (const auto& [name, jump] : speed(at(cycle.seconds), at(0), 1))
      EXPECT_NEAR(jump, 0, 1e-3) << name;
    const auto leaving = speed(at(cycle.seconds - step), at(cycle.seconds), step);
    for (const auto& [name, velocity] : speed(at(0), at(step), step))
      EXPECT_NEAR(velocity, leaving.count(name) ? leaving.at(name) : 0, 0.02) << name;
  }
}

TEST(Templates, BeginAtRest) {
  for (const MotionTemplate& cycle : motion_templates()) {
    SCOPED_TRACE(cycle.name);
    const Performance first = cycle.at(0, cycle.seconds);
    EXPECT_NEAR(first.turn.x, 0, 1e-4);
    EXPECT_NEAR(first.turn.y, 0, 1e-4);
    EXPECT_NEAR(first.turn.z, 0, 1e-4);
    EXPECT_LT(first.closure[0], 0.05f);
    const auto jaw = first.units.find("mouth-open");
    EXPECT_TRUE(jaw == first.units.end() || jaw->second < 0.01f);
  }
}

TEST(Templates, MoveWhatTheirNamesSay) {
  const auto largest = [](const char* name, const char* number) {
    const MotionTemplate& cycle = motion_template(name);
    float result = 0;
    for (float time = 0; time < cycle.seconds; time += 0.04f) {
      const auto all = numbers(cycle.at(time, cycle.seconds));
      const auto found = all.find(number);
      if (found != all.end())
        result = std::max(result, std::abs(found->second));
    }
    return result;
  };
  EXPECT_GT(largest("nod", "pitch"), 0.08f);
  EXPECT_GT(largest("smile", "mouth-corner-puller"), 0.35f);
  EXPECT_GT(largest("talk", "mouth-open"), 0.15f);
  EXPECT_GT(largest("look-around", "yaw"), 0.1f);
}

TEST(Templates, UnknownNamesAreErrorsThatListTheKnownOnes) {
  try {
    motion_template("wave");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("look-around"), std::string::npos) << error.what();
  }
}

} // namespace
} // namespace fomo::test
