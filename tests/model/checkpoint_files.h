// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/error.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/config.h"
#include "model/checkpoint/safetensors.h"
#include "tools/torch_pickle.h"

// Files for the tests of checkpoint reading, built byte by byte.
namespace fomo::test {

/// A folder for a test's files, gone with it.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& bytes) const;
  /// Of the files in it.
  std::vector<std::string> names() const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

/// A zip archive as PyTorch writes it: sizes behind the members, nothing compressed.
class ZipWriter {
 public:
  /// `method` and `flags` as the directory has them; the bytes are stored as they are.
  void add(const std::string& name, const std::string& bytes, uint16_t method = 0,
           uint16_t flags = 0x0808);
  /// With `zip64` sizes and places are in the 64-bit fields alone.
  std::string finish(bool zip64 = false) const;

 private:
  struct Member {
    std::string name;
    uint64_t size, header;
    uint16_t method, flags;
  };
  std::string bytes_;
  std::vector<Member> members_;
};

/// A file as torch.save writes it, from a pickle that the test writes and storages it refers to.
class TorchFile {
 public:
  explicit TorchFile(Container container, std::string root = "archive")
      : container_(container), root_(std::move(root)), pickle(container == Container::legacy) {}

  /// Adds a storage; the reference takes all of it as one dimension.
  TensorReference store(ScalarType type, const std::string& bytes);
  /// The file. `extra` members are added to a zip archive.
  std::string finish(bool zip64 = false,
                     const std::map<std::string, std::string>& extra = {}) const;

 private:
  Container container_;
  std::string root_;
  std::map<std::string, std::pair<uint64_t, std::string>> storages_; // by key: elements, bytes

 public:
  PickleWriter pickle;
};

using Tensors = std::map<std::string, TensorToWrite>;

int64_t element_count(const TensorToWrite& tensor);

/// How `torch_model` writes a tensor: changes the reference, or stores it in another way.
using StoreTensor =
    std::function<TensorReference(TorchFile&, const std::string& name, const TensorToWrite&)>;

/// Stores a tensor in row-major order as it is.
TensorReference store_plainly(TorchFile& file, const std::string& name,
                              const TensorToWrite& tensor);

/// A file with the state dicts of a model's networks. `prefix` comes before every name.
std::string torch_model(const Tensors& tensors, Container container,
                        const StoreTensor& store = store_plainly, const std::string& prefix = "");

/// A model with every part and few weights.
ModelConfig small_config();

/// The message of the Error that `call` throws; empty, which no test expects, if it throws none.
std::string error_of(const std::function<void()>& call);

} // namespace fomo::test

/// A gtest assertion: the message has `part` in it.
#define EXPECT_TELLS(message, part)                                                                \
  do {                                                                                             \
    const std::string told = message;                                                              \
    EXPECT_NE(told.find(part), std::string::npos) << "told: " << told;                             \
  } while (false)
