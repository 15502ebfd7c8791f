// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace fomo {

class ByteSource;

enum class ScalarType { f16, bf16, f32, f64, i16, i32, i64, u8, i8, boolean };

/// Bytes of one element.
size_t scalar_size(ScalarType type);

/// A tensor as a file stores it: type, shape, and where its elements lie. Its bounds have been
/// checked. Valid as long as the Checkpoint or SafetensorsFile that it came from.
struct StoredTensor {
  ScalarType type = ScalarType::f32;
  std::vector<int64_t> shape;   ///< empty: a scalar
  std::vector<int64_t> strides; ///< in elements, none negative
  uint64_t offset = 0;          ///< of the first element, in bytes from the file's beginning
  const ByteSource* source = nullptr;

  int64_t count() const;   ///< elements of the tensor
  uint64_t extent() const; ///< bytes from its first element to behind its last; 0 if it is empty
};

/// Reads a tensor into `out` (count() floats, contiguous, row-major), converted from its type.
/// Throws Error (FOMO_OPEN_READ) when the file has become shorter or cannot be read.
void copy_to_floats(const StoredTensor& tensor, float* out);

enum class Container { legacy, zip, safetensors };

/// "legacy", "zip" or "safetensors".
const char* container_name(Container container);

/// A part of a checkpoint that inference does not need. It is not read.
struct SkippedPart {
  std::string name;   ///< "discriminator", "optimizer_generator", "epoch" …
  uint64_t bytes = 0; ///< of its tensors' storages
};

/// The tensors of a First Order Motion Model: the parts `kp_detector` and `generator` of a file
/// that `torch.save` wrote (legacy container of PyTorch < 1.6, or zip), or of a .safetensors file.
/// The container is recognised by its content. Opening reads the description of the tensors alone;
/// a tensor's elements are read by copy_to_floats. Opening any file takes time and memory in
/// proportion to its description, which has at most max_description bytes.
class Checkpoint {
 public:
  /// Throws Error (FOMO_NOT_FOUND, FOMO_OPEN_READ, FOMO_WRONG_TYPE) that names the file, says what
  /// the file is instead, and what to do.
  static Checkpoint open(const std::string& path);
  /// The same from any bytes; `path` stands in error messages.
  static Checkpoint open(std::shared_ptr<const ByteSource> source, const std::string& path);

  const std::string& path() const { return path_; }
  Container container() const { return container_; }
  uint64_t file_size() const { return file_size_; }

  /// The whole file.
  const ByteSource& source() const { return *source_; }

  /// By name: "kp_detector." or "generator.", then PyTorch's name without DataParallel's "module.".
  const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }

  /// Throws Error (FOMO_WRONG_TYPE) that names the file and the tensor if there is no such tensor.
  const StoredTensor& at(const std::string& name) const;
  bool has(const std::string& name) const { return tensors_.count(name) != 0; }

  /// The other parts of the file.
  const std::vector<SkippedPart>& skipped() const { return skipped_; }

  /// String metadata of a .safetensors file. Files of `fomo-model convert` have the model's
  /// configuration under "config" (YAML).
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  friend class CheckpointBuilder;
  std::string path_;
  Container container_ = Container::legacy;
  uint64_t file_size_ = 0;
  std::map<std::string, StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;
  std::vector<SkippedPart> skipped_;
  std::shared_ptr<const ByteSource> source_; // StoredTensor::source of all tensors
};

} // namespace fomo
