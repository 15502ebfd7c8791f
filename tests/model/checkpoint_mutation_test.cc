// SPDX-License-Identifier: LGPL-2.1-or-later
// Files with random damage: each is read or refused, without a crash. The seed is fixed; the
// environment variable FOMO_MUTATIONS sets a higher number of mutations.
#include <gtest/gtest.h>

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <stdexcept>

#include "tests/model/checkpoint_files.h"
#include "tools/random_model.h"
#include "tools/training_file.h"

namespace fomo::test {
namespace {

/// Reads the whole file, as the engine does.
void use(const std::string& path) {
  const Checkpoint checkpoint = Checkpoint::open(path);
  std::vector<float> values;
  for (const auto& [name, tensor] : checkpoint.tensors()) {
    values.resize(static_cast<size_t>(tensor.count()));
    copy_to_floats(tensor, values.data());
  }
  model_config(checkpoint, "");
}

/// A file in memory, because writing thousands of files to a disk would take long.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(memfd_create("mutated", 0)) {}
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// Replaces the file's bytes; returns its path.
  std::string write(const std::string& bytes) const {
    const auto size = static_cast<ssize_t>(bytes.size());
    if (ftruncate(descriptor_, 0) != 0 ||
        pwrite(descriptor_, bytes.data(), bytes.size(), 0) != size)
      throw std::runtime_error("no memory file");
    return "/proc/self/fd/" + std::to_string(descriptor_);
  }

 private:
  int descriptor_;
};

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  /// Makes one to eight changes, most of them in the ranges `described`, which contain the file's
  /// description.
  void mutate(std::string& bytes, const std::vector<std::pair<size_t, size_t>>& described) {
    for (uint32_t left = 1 + random_() % 8; left > 0; --left) {
      const auto& [begin, end] = described[random_() % described.size()];
      const size_t at = begin + random_() % (end - begin);
      if (at < bytes.size())
        change(bytes, at);
    }
  }

 private:
  void change(std::string& bytes, size_t at) {
    const size_t run = std::min<size_t>(1 + random_() % 9, bytes.size() - at);
    switch (random_() % 7) {
    case 0:
      bytes[at] = static_cast<char>(random_());
      break;
    case 1:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << random_() % 8));
      break;
    case 2: // extreme numbers
      bytes.replace(at, run, run, random_() % 2 == 0 ? '\xff' : '\0');
      break;
    case 3:
      bytes.erase(at, run);
      break;
    case 4:
      bytes.insert(at, bytes.substr(random_() % bytes.size(), run));
      break;
    case 5:
      bytes.replace(at, run, bytes.substr(random_() % bytes.size(), run));
      break;
    case 6: // replaces a pickle operation
      bytes[at] = "()]}tuesabRQchjq0.12\x85\x86\x87\x88\x8a\x94\x93"[random_() % 27];
      break;
    }
  }

  std::mt19937 random_; // gives the same numbers on every platform
};

class Mutation : public ::testing::Test {
 protected:
  void run(const std::string& original, const std::vector<std::pair<size_t, size_t>>& described) {
    const char* more = std::getenv("FOMO_MUTATIONS");
    const int count = more != nullptr ? std::atoi(more) : 1500;
    Mutator mutator(20250601);
    int refused = 0;
    for (int i = 0; i < count; ++i) {
      std::string bytes = original;
      mutator.mutate(bytes, described);
      try {
        use(mutated_.write(bytes));
      } catch (const Error& error) {
        ++refused;
        ASSERT_NE(std::string(error.what()), "");
      }
    }
    EXPECT_GT(refused, count / 4) << "the damage hardly ever hit";
  }

  ScratchFolder folder_;
  MemoryFile mutated_;
  RandomModel model_{small_config()};
  Tensors tensors_ = model_.tensors();
};

TEST_F(Mutation, Legacy) {
  const std::string file = torch_model(tensors_, Container::legacy);
  const size_t data = file.size() - 20'000; // the storages are after the pickles
  run(file, {{0, data}, {0, 4000}});
}

TEST_F(Mutation, LegacyTrainingFile) {
  Tensors few;
  for (const auto& [name, tensor] : tensors_)
    if (few.size() < 40)
      few[name] = tensor;
  few["kp_detector.kp.weight"] = tensors_.at("kp_detector.kp.weight");
  const std::string path = folder_.path("training");
  write_training_file(path, few, false);
  const std::string file = read_file(path);
  run(file, {{0, 8000}, {0, 200}});
}

TEST_F(Mutation, Zip) {
  const std::string file = torch_model(tensors_, Container::zip);
  run(file, {{0, 4000}, {file.size() - 2000, file.size()}, {file.size() - 22, file.size()}});
}

TEST_F(Mutation, Safetensors) {
  const std::string path = folder_.path("model.safetensors");
  write_safetensors(path, tensors_, {{"config", to_yaml(small_config())}});
  run(read_file(path), {{0, 16}, {8, 6000}});
}

TEST_F(Mutation, Yaml) {
  const std::string yaml = to_yaml(small_config());
  Mutator mutator(7);
  for (int i = 0; i < 1000; ++i) {
    std::string text = yaml;
    mutator.mutate(text, {{0, text.size()}});
    try {
      parse_config(text, "mutated");
    } catch (const Error&) {
      continue;
    }
  }
}

} // namespace
} // namespace fomo::test
