// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls every fuzz target with its stored inputs: the seeds, and inputs that fuzzing has found.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/targets.h"

namespace fomo::fuzz {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int replay(const Target& target, const std::filesystem::path& folder) {
  int count = 0;
  if (!std::filesystem::exists(folder))
    return count;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path());
    const std::string input = read_file(entry.path());
    EXPECT_EQ(target.run(reinterpret_cast<const uint8_t*>(input.data()), input.size()), 0);
    ++count;
  }
  return count;
}

TEST(FuzzReplay, SeedsAndFoundInputs) {
  const std::filesystem::path folder = FOMO_FUZZ_FOLDER;
  for (const Target* target = fuzz_targets; target->name != nullptr; ++target) {
    EXPECT_GT(replay(*target, folder / "corpus" / target->name), 0)
        << target->name << " has no seeds";
    replay(*target, folder / "found" / target->name);
  }
}

TEST(FuzzReplay, EmptyInput) {
  for (const Target* target = fuzz_targets; target->name != nullptr; ++target)
    EXPECT_EQ(target->run(nullptr, 0), 0) << target->name;
}

} // namespace
} // namespace fomo::fuzz
