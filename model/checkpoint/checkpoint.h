// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fomo {

class MappedFile;

enum class ScalarType { f16, bf16, f32, f64, i16, i32, i64, u8, i8, boolean };

/// Bytes of one element.
size_t scalar_size(ScalarType type);

/// A tensor as a checkpoint stores it: a strided view into the mapped file. Its bounds have been
/// checked; it is valid as long as the Checkpoint it came from.
struct StoredTensor {
  ScalarType type = ScalarType::f32;
  std::vector<int64_t> shape;      ///< empty: a scalar
  std::vector<int64_t> strides;    ///< in elements
  const std::byte* data = nullptr; ///< the first element; may be unaligned

  int64_t count() const; ///< elements of the view
};

/// Copies a tensor into `out` (count() floats, contiguous, row-major), converting from its type.
void copy_to_floats(const StoredTensor& tensor, float* out);

enum class Container { legacy, zip, safetensors };

/// "legacy", "zip" or "safetensors".
const char* container_name(Container container);

/// Part of a checkpoint that inference does not need and that is not read.
struct SkippedPart {
  std::string name;   ///< "discriminator", "optimizer_generator", "epoch" …
  uint64_t bytes = 0; ///< of its tensors' storages
};

/// The tensors of a First Order Motion Model: `kp_detector` and `generator` of a file that
/// `torch.save` wrote (legacy container of PyTorch < 1.6, or zip) or a .safetensors file. Told
/// apart by content. The file is mapped; parts that inference does not need are never touched.
class Checkpoint {
 public:
  /// Throws Error (FOMO_NOT_FOUND, FOMO_OPEN_READ, FOMO_WRONG_TYPE) naming the file, what it is
  /// instead, and what to do.
  static Checkpoint open(const std::string& path);

  const std::string& path() const { return path_; }
  Container container() const { return container_; }
  uint64_t file_size() const { return file_size_; }

  /// By name: "kp_detector." or "generator.", then PyTorch's own, DataParallel's "module." removed.
  const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }

  /// Throws Error (FOMO_WRONG_TYPE) naming the file and the tensor if it is not there.
  const StoredTensor& at(const std::string& name) const;
  bool has(const std::string& name) const { return tensors_.count(name) != 0; }

  /// What the file has besides.
  const std::vector<SkippedPart>& skipped() const { return skipped_; }

  /// String metadata of a .safetensors file; ours has the configuration under "config" (YAML).
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  /// Lets go of the memory that the tensors read so far take (the file's pages count as the
  /// process's own); what is read again comes from the file. For big files, between copying their
  /// tensors.
  void drop_pages() const;

 private:
  friend class CheckpointBuilder;
  std::string path_;
  Container container_ = Container::legacy;
  uint64_t file_size_ = 0;
  std::map<std::string, StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;
  std::vector<SkippedPart> skipped_;
  std::shared_ptr<const MappedFile> file_; // what StoredTensor::data points into
};

} // namespace fomo
