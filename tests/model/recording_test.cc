// SPDX-License-Identifier: LGPL-2.1-or-later
// When the GPU's work is recorded, replayed, or run as it is. Without a GPU.
#include "model/backend/cuda/recording.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <vector>

namespace fomo {
namespace {

/// Counts what a Recording does.
struct Graph {
  Recording recording;
  int worked = 0, recorded = 0, replayed = 0;
  bool fails = false;

  void run() {
    recording.run([&] { worked++; },
                  [&] {
                    recorded++;
                    if (fails)
                      throw std::runtime_error("operation not permitted when stream is capturing");
                  },
                  [&] { replayed++; });
  }
};

struct Log {
  std::vector<std::string> warnings;

  Log() {
    set_log(
        [](int level, const char* message, void* log) {
          if (level == int(LogLevel::warning))
            static_cast<Log*>(log)->warnings.emplace_back(message);
        },
        this);
  }
  ~Log() { set_log(nullptr, nullptr); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
};

TEST(Recording, RunsThenRecordsOnceThenReplays) {
  const Log log;
  Graph graph;
  for (int i = 0; i < Recording::kWarmUps; i++)
    graph.run();
  EXPECT_EQ(graph.worked, Recording::kWarmUps);
  EXPECT_EQ(graph.recorded, 0);
  graph.run();
  graph.run();
  EXPECT_EQ(graph.worked, Recording::kWarmUps);
  EXPECT_EQ(graph.recorded, 1);
  EXPECT_EQ(graph.replayed, 2);
  EXPECT_TRUE(log.warnings.empty());
}

TEST(Recording, GoesOnUnrecordedWhenRecordingFails) {
  const Log log;
  Graph graph;
  graph.fails = true;
  for (int i = 0; i < Recording::kWarmUps + 5; i++)
    graph.run();
  EXPECT_EQ(graph.recorded, 1) << "it is not tried again";
  EXPECT_EQ(graph.worked, Recording::kWarmUps + 5) << "each frame is computed";
  EXPECT_EQ(graph.replayed, 0);
  ASSERT_EQ(log.warnings.size(), 1U);
  EXPECT_NE(log.warnings[0].find("stream is capturing"), std::string::npos);
}

TEST(Recording, WarmsUpInEachThread) {
  Graph graph;
  for (int i = 0; i < Recording::kWarmUps; i++)
    graph.run();
  std::thread([&] { graph.run(); }).join();
  EXPECT_EQ(graph.recorded, 0) << "cuDNN has not chosen its algorithms in that thread";
  EXPECT_EQ(graph.worked, Recording::kWarmUps + 1);
}

TEST(Recording, PassesOnWhatTheWorkThrows) {
  Recording recording;
  const auto never = [] { FAIL(); };
  EXPECT_THROW(recording.run([] { throw std::runtime_error("no memory"); }, never, never),
               std::runtime_error);
}

} // namespace
} // namespace fomo
