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

// Builds files for the tests of checkpoint reading, byte by byte.
namespace fomo::test {

/// A folder for a test's files, which the destructor removes.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& bytes) const;
  /// Names of the files in the folder.
  std::vector<std::string> names() const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

/// A zip archive as PyTorch writes it: sizes after the members' data, no compression.
class ZipWriter {
 public:
  /// Adds a member. `method` and `flags` go into the directory; the bytes are stored uncompressed.
  void add(const std::string& name, const std::string& bytes, uint16_t method = 0,
           uint16_t flags = 0x0808);
  /// The archive. With `zip64` sizes and offsets are only in the 64-bit fields.
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

/// A file as torch.save writes it: the test writes the pickle and the storages.
class TorchFile {
 public:
  explicit TorchFile(Container container, std::string root = "archive")
      : container_(container), root_(std::move(root)), pickle(container == Container::legacy) {}

  /// Adds a storage. The returned reference is a one-dimensional tensor of the whole storage.
  TensorReference store(ScalarType type, const std::string& bytes);
  /// The bytes of the file. `extra` members are added to a zip archive.
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

/// A function that stores a tensor for `torch_model` and returns its reference.
using StoreTensor =
    std::function<TensorReference(TorchFile&, const std::string& name, const TensorToWrite&)>;

/// Stores a tensor in row-major order, unchanged.
TensorReference store_plainly(TorchFile& file, const std::string& name,
                              const TensorToWrite& tensor);

/// A file with the state dicts of a model's networks. `prefix` comes before every name.
std::string torch_model(const Tensors& tensors, Container container,
                        const StoreTensor& store = store_plainly, const std::string& prefix = "");

/// A small model that has every part.
ModelConfig small_config();

/// The message of the Error that `call` throws, or an empty text, which no test expects.
std::string error_of(const std::function<void()>& call);

} // namespace fomo::test

/// A gtest assertion that the message contains `part`.
#define EXPECT_TELLS(message, part)                                                                \
  do {                                                                                             \
    const std::string told = message;                                                              \
    EXPECT_NE(told.find(part), std::string::npos) << "told: " << told;                             \
  } while (false)
