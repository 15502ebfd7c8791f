// SPDX-License-Identifier: LGPL-2.1-or-later
// Jobs with a bound on the time in which a file system answers.
#include "common/timed_read.h"

#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace {

using fomo::Answered;
using fomo::read_timed;
using std::chrono::milliseconds;

/// Far longer than a test takes.
constexpr milliseconds kLong{600'000};

/// Stands for a file system that hangs until the gate opens.
struct Gate {
  std::promise<void> opens;
  std::shared_future<void> open = opens.get_future().share();
};

TEST(TimedRead, ReturnsWhatTheJobReturns) {
  const auto caller = std::this_thread::get_id();
  const auto result = read_timed<std::unique_ptr<std::thread::id>>(
      [](const Answered&) { return std::make_unique<std::thread::id>(std::this_thread::get_id()); },
      kLong);
  EXPECT_NE(*result, caller);
}

TEST(TimedRead, ThrowsWhatTheJobThrows) {
  EXPECT_THROW(
      read_timed<int>([](const Answered&) -> int { throw std::out_of_range("no"); }, kLong),
      std::out_of_range);
}

TEST(TimedRead, AJobThatGetsNoAnswerIsLeftBehind) {
  Gate gate;
  // Tells when the late result has been destroyed.
  std::promise<void> destroyed;
  const auto late = [&destroyed] {
    return std::shared_ptr<int>(new int(1), [&destroyed](const int* value) {
      delete value;
      destroyed.set_value();
    });
  };
  try {
    read_timed<std::shared_ptr<int>>(
        [open = gate.open, late](const Answered&) {
          open.wait();
          return late();
        },
        milliseconds(20));
    FAIL() << "it waited";
  } catch (const fomo::FileTimeout& hung) {
    EXPECT_EQ(hung.reason(), "its file system has not answered for 1 second");
  }
  gate.opens.set_value();
  destroyed.get_future().wait();
}

} // namespace
