// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/checkpoint/checkpoint.h"

namespace fomo {

class MappedFile;

/// A .safetensors file of any tensors, mapped into memory: head assets, training data, golden data.
/// For files that nobody changes meanwhile; a file that is shortened while it is mapped raises
/// SIGBUS. Models are opened by Checkpoint, which copies.
struct SafetensorsFile {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
  std::shared_ptr<const MappedFile> file; ///< that the tensors lie in

  /// Throws Error that names the file and the reason. Every size and offset is checked.
  static SafetensorsFile open(const std::string& path);
  /// Throws Error that names the tensor.
  const StoredTensor& at(const std::string& name) const;
  /// A tensor's first element; may be unaligned.
  const std::byte* data(const StoredTensor& tensor) const;
};

/// A tensor to be written: contiguous, row-major.
struct TensorToWrite {
  ScalarType type = ScalarType::f32;
  std::vector<int64_t> shape;
  const void* data = nullptr;
};

/// Writes a .safetensors file under a temporary name and renames it, so that a process that is
/// killed never leaves half a file. Throws Error.
void write_safetensors(const std::string& path, const std::map<std::string, TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata);

} // namespace fomo
