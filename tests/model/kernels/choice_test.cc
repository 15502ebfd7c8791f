// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace fomo::kernels {
namespace {

TEST(Choice, IsPossibleAndRemembered) {
  Chooser chooser{Executor{}};
  const ConvShape shapes[] = {
      {{21}, 37, 3, 1, false, false, 24, 24}, {{21}, 37, 3, 1, false, true, 2, 2},
      {{21}, 37, 3, 1, true, false, 8, 8},    {{21}, 12, 7, 3, false, false, 24, 24},
      {{21}, 12, 5, 2, false, false, 24, 24},
  };
  for (const ConvShape& shape : shapes)
    for (const bool precise : {false, true}) {
      const std::vector<Algorithm> possible = algorithms_for(shape);
      const Algorithm chosen = chooser.choose(shape, precise, true);
      EXPECT_NE(std::find(possible.begin(), possible.end(), chosen), possible.end());
      for (int again = 0; again < 3; again++)
        EXPECT_EQ(Chooser{Executor{}}.choose(shape, precise, true), chosen);
    }
  EXPECT_NE(chosen_algorithms().find("7x7 24->12 at 24x24: "), std::string::npos)
      << chosen_algorithms();
}

/// A fake clock, for which algorithms with higher numbers are faster (`higher`) or slower.
Chooser::Timer timer_that_prefers(bool higher, int& calls) {
  return [higher, &calls](const ConvShape&, Algorithm algorithm) {
    calls++;
    return 1 + (higher ? -0.1 : 0.1) * int(algorithm);
  };
}

// F(4x4,3x3) and F(6x6,3x3) cost nearly the same here.
const ConvShape unclear{{256}, 256, 3, 1, false, false, 64, 64};

TEST(Choice, ByTimingFollowsTheClock) {
  int calls = 0;
  for (const bool higher : {false, true}) {
    Chooser chooser(Executor{}, ChooseBy::timing, timer_that_prefers(higher, calls), false);
    EXPECT_EQ(chooser.choose(unclear, false, true), higher ? Algorithm::f63 : Algorithm::f43);
  }
  EXPECT_GT(calls, 0);
}

TEST(Choice, ByEstimateIgnoresClockAndThreads) {
  int calls = 0;
  Executor executor;
  const Algorithm expected = Chooser(executor, ChooseBy::estimate).choose(unclear, false, true);
  for (const int threads : {1, 2, 3, 64})
    for (const bool higher : {false, true}) {
      executor.threads = threads;
      Chooser chooser(executor, ChooseBy::estimate, timer_that_prefers(higher, calls), false);
      EXPECT_EQ(chooser.choose(unclear, false, true), expected) << threads;
    }
  EXPECT_EQ(calls, 0);
}

// Models that load at the same time do not wait for each other's timing. If the chooser timed under
// a lock, this test would not end.
TEST(Choice, IsPossibleInOtherThreadsDuringTiming) {
  ConvShape other = unclear;
  other.height = 63;
  int calls = 0;
  const auto choose_beside = [&](const ConvShape&, Algorithm) {
    std::thread([&] {
      Chooser(Executor{}, ChooseBy::timing, timer_that_prefers(true, calls), true)
          .choose(other, false, true);
    }).join();
    return 1.0;
  };
  Chooser(Executor{}, ChooseBy::timing, choose_beside, true).choose(unclear, false, true);
  EXPECT_GT(calls, 0);
}

} // namespace
} // namespace fomo::kernels
