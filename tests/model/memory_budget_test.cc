// SPDX-License-Identifier: LGPL-2.1-or-later
// The estimate of a model's memory is near to what a process takes, and keeps large ones out.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "common/error.h"
#include "model/backend/memory_budget.h"
#include "model/model.h"

namespace {

using namespace fomo;

constexpr const char* kVariable = "FOMOTRANSFER_MEMORY_LIMIT";

std::string yaml_of(int size) {
  const std::string path = testing::TempDir() + "/frame" + std::to_string(size) + ".yaml";
  std::ofstream(path) << "dataset_params: {frame_shape: [" << size << ", " << size << ", 3]}\n";
  return path;
}

ModelOptions options_for(int size) {
  ModelOptions options;
  options.device = "cpu";
  options.config = yaml_of(size);
  options.threads = 1;
  return options;
}

/// Peak resident size of this process, bytes.
double peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "VmHWM:") {
      double kibibytes = 0;
      status >> kibibytes;
      return kibibytes * 1024;
    }
  return 0;
}

/// Peak resident size of a process that animates a frame of `size` x `size` with the built-in
/// model.
double measured_bytes(int size) {
  int ends[2];
  if (pipe(ends) != 0)
    return 0;
  const pid_t child = fork();
  if (child == 0) {
    double peak = 0;
    try {
      const auto model = Model::open(options_for(size));
      std::vector<uint8_t> pixels(static_cast<size_t>(size) * size * 3, 128);
      const FomoImage image{pixels.data(), size, size, 3, 3 * size};
      const auto source = model->backend().encode(image, 1);
      const auto workspace = model->backend().new_workspace();
      const Detection driving = model->backend().detect(*workspace, image, 1);
      model->backend().generate(*workspace, *source, driving.keypoints, {}, image, nullptr, 1);
      peak = peak_bytes();
    } catch (...) {
    }
    _exit(write(ends[1], &peak, sizeof peak) == sizeof peak ? 0 : 1);
  }
  close(ends[1]);
  double peak = 0;
  EXPECT_EQ(read(ends[0], &peak, sizeof peak), static_cast<ssize_t>(sizeof peak));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return peak;
}

TEST(MemoryBudget, EstimateIsNearToWhatAFrameTakes) {
  const auto estimate = [](int size) {
    return static_cast<double>(estimate_memory(Model::open(options_for(size))->config()));
  };
  const double measured = measured_bytes(768) - measured_bytes(256);
  ASSERT_GT(measured, 30e6);
  const double estimated = estimate(768) - estimate(256);
  RecordProperty("estimate_by_measurement", std::to_string(estimated / measured));
  EXPECT_GT(estimated / measured, 0.7);
  EXPECT_LT(estimated / measured, 2.5); // scratch memory is rarely used whole
}

TEST(MemoryBudget, PublishedModelsFit) {
  ModelConfig config;
  const uint64_t limit = uint64_t{1} << 30;
  EXPECT_LT(estimate_memory(config), limit);
  config.frame_width = config.frame_height = 512;
  EXPECT_LT(estimate_memory(config), limit);
}

TEST(MemoryBudget, HugeFramesAreRefusedBeforeAnythingIsAllocated) {
  const double before = peak_bytes();
  try {
    Model::open(options_for(4096));
    FAIL() << "was opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), FOMO_NO_MEMORY);
    const std::string message = error.what();
    EXPECT_NE(message.find("4096x4096"), std::string::npos) << message;
    EXPECT_NE(message.find(kVariable), std::string::npos) << message;
  }
  EXPECT_LT(peak_bytes() - before, 20e6);
}

TEST(MemoryBudget, LimitFromTheEnvironment) {
  setenv(kVariable, "10", 1);
  EXPECT_EQ(memory_limit(), uint64_t{10} << 20);
  EXPECT_THROW(Model::open(options_for(512)), Error);
  for (const char* nonsense : {"", "0", "-1", "1G", "99999999999"}) {
    setenv(kVariable, nonsense, 1);
    EXPECT_THROW(memory_limit(), Error) << nonsense;
  }
  setenv(kVariable, "1048576", 1);
  ModelConfig config;
  config.frame_width = config.frame_height = 4096;
  EXPECT_NO_THROW(check_memory(config));
  unsetenv(kVariable);
  EXPECT_LE(memory_limit(), uint64_t{2} << 30);
}

} // namespace
