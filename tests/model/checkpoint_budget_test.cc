// SPDX-License-Identifier: LGPL-2.1-or-later
// Time and memory limits of opening hostile files; opening files while memory runs out.
#include <gtest/gtest.h>

#include <ctime>
#include <dirent.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <new>

#include "model/checkpoint/byte_source.h"
#include "tests/model/allocations.h"
#include "tests/model/checkpoint_files.h"
#include "tests/model/hostile_files.h"
#include "tools/random_model.h"

namespace fomo::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kSecondsFactor = 10; // sanitizers slow the code down
#else
constexpr double kSecondsFactor = 1;
#endif
constexpr double kMostSeconds = 1 * kSecondsFactor;
constexpr size_t kMostBytes = size_t{200} << 20;
constexpr double kMostGrowth = 2.5; // largest ratio of the times for twice the input
// Other processes evict data from the caches, which costs processor time too: measurements are
// repeated, and the least time counts.
constexpr int kRounds = 10;

/// Processor time of this thread, seconds; other processes do not count.
double processor_seconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Opens a file like a model; the file may be refused.
double seconds_to_open(const std::shared_ptr<const ByteSource>& source) {
  const double start = processor_seconds();
  try {
    infer_config(Checkpoint::open(source, "hostile"));
  } catch (const Error&) {
  }
  return processor_seconds() - start;
}

std::shared_ptr<const ByteSource> source_of(const HostileFile& file, size_t bytes) {
  return std::make_shared<MemorySource>(file.make(bytes));
}

class Budget : public ::testing::TestWithParam<HostileFile> {};

TEST_P(Budget, SixteenMegabytesOpenInASecond) {
  const auto source = source_of(GetParam(), max_description - 4096);
  double least = 1e9;
  for (int i = 0; i < kRounds && least > kMostSeconds / 2; ++i) {
    reset_peak();
    const size_t before = allocations().live_bytes;
    least = std::min(least, seconds_to_open(source));
    EXPECT_LE(allocations().peak_bytes - before, kMostBytes);
    EXPECT_EQ(allocations().live_bytes, before);
  }
  EXPECT_LE(least, kMostSeconds);
  RecordProperty("milliseconds", static_cast<int>(least * 1e3));
}

/// The ratio of the times for twice the input. It is measured from one input to that of sixteen
/// times the size: where data cease to fit into a cache, the time rises once, by a factor that
/// depends on the processor and on what its neighbours do; four doublings share this factor. A
/// linear algorithm gives 2, a quadratic one 4. Measures until the ratio is at most `enough`.
template<typename Small, typename Large>
double growth_of(Small seconds_of_small, Large seconds_of_large, double enough) {
  constexpr double kDoublings = 4;
  constexpr double kResolution = 5e-4; // seconds; a small input may take no time
  double small = 1e9, large = 1e9, growth = 1e9;
  for (int round = 0; round < kRounds && growth > enough; ++round) {
    small = std::min(small, seconds_of_small());
    large = std::min(large, seconds_of_large());
    growth = std::pow(large / std::max(small, kResolution), 1 / kDoublings);
  }
  return growth;
}

TEST_P(Budget, TwiceTheInputTakesTwiceTheTime) {
  // Without mmap for large blocks: page faults of freed and reallocated memory would take much of
  // the time.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  constexpr size_t kSmall = 1 << 19;
  const auto small = source_of(GetParam(), kSmall);
  const auto large = source_of(GetParam(), 16 * kSmall);
  const double growth = growth_of([&] { return seconds_to_open(small); },
                                  [&] { return seconds_to_open(large); }, kMostGrowth);
  RecordProperty("growth", std::to_string(growth));
  EXPECT_LE(growth, kMostGrowth) << "the ratio of the times for twice the input";
}

INSTANTIATE_TEST_SUITE_P(HostileFiles, Budget, ::testing::ValuesIn(hostile_files()),
                         [](const auto& test) {
                           std::string name = test.param.name;
                           name.erase(std::remove(name.begin(), name.end(), ':'), name.end());
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

TEST(Budget, TheBoundOnGrowthFindsAQuadraticSearch) {
  const auto search = [](size_t count) {
    std::vector<size_t> found;
    for (size_t i = 0; i < count; ++i)
      if (std::find(found.begin(), found.end(), i) == found.end())
        found.push_back(i);
    return found.size();
  };
  const auto seconds = [&](size_t count) {
    const double start = processor_seconds();
    EXPECT_EQ(search(count), count);
    return processor_seconds() - start;
  };
  EXPECT_GT(growth_of([&] { return seconds(1'500); }, [&] { return seconds(24'000); }, kMostGrowth),
            kMostGrowth);
}

int open_descriptors() {
  DIR* folder = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(folder) != nullptr)
    ++count;
  closedir(folder);
  return count;
}

class OutOfMemory : public ::testing::Test {
 protected:
  /// Opens a model with its configuration while the n-th allocation fails, for many n.
  void fail_everywhere(const std::string& path, const std::string& yaml) {
    const auto open = [&] {
      const Checkpoint checkpoint = Checkpoint::open(path);
      for (const auto& [name, tensor] : checkpoint.tensors()) {
        std::vector<float> values(static_cast<size_t>(tensor.count()));
        copy_to_floats(tensor, values.data());
      }
      model_config(checkpoint, yaml);
    };
    open(); // makes the allocations that are made once and kept
    const long needed = [&] {
      const long before = allocations().count;
      open();
      return allocations().count - before;
    }();
    const int descriptors = open_descriptors();
    long failures = 0;
    for (long n = 1; n <= needed; n += n < 300 ? 1 : 1 + needed / 500) {
      const long live = allocations().live;
      {
        const FailingAllocation failing(n);
        try {
          open();
          EXPECT_FALSE(failing.has_failed()) << "allocation " << n << " failed without an error";
        } catch (const std::bad_alloc&) {
          ++failures; // FOMO_NO_MEMORY at the C table
        } catch (const Error&) {
          ++failures;
        }
      }
      ASSERT_EQ(allocations().live, live) << "a leak after the failure of allocation " << n;
    }
    EXPECT_GT(failures, 300);
    EXPECT_EQ(open_descriptors(), descriptors);
  }

  ScratchFolder folder_;
  RandomModel model_{small_config()};
  std::string yaml_ = folder_.write("config.yaml", to_yaml(small_config()));
};

TEST_F(OutOfMemory, Legacy) {
  fail_everywhere(folder_.write("model.pth.tar", torch_model(model_.tensors(), Container::legacy)),
                  yaml_);
}

TEST_F(OutOfMemory, Zip) {
  fail_everywhere(folder_.write("model.pth", torch_model(model_.tensors(), Container::zip)), yaml_);
}

TEST_F(OutOfMemory, Safetensors) {
  const std::string path = folder_.path("model.safetensors");
  write_safetensors(path, model_.tensors(), {{"config", to_yaml(small_config())}});
  fail_everywhere(path, "");
}

} // namespace
} // namespace fomo::test
