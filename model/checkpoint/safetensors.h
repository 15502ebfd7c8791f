// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// Any .safetensors file, mapped (also head assets and golden data; Checkpoint uses it too).
struct SafetensorsFile {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
  std::shared_ptr<const void> storage; // what the tensors point into

  /// Throws Error naming the file and the reason; every size and offset is checked.
  static SafetensorsFile open(const std::string& path);
  /// Throws Error naming the tensor.
  const StoredTensor& at(const std::string& name) const;
};

/// A tensor to be written: contiguous, row-major.
struct TensorToWrite {
  ScalarType type = ScalarType::f32;
  std::vector<int64_t> shape;
  const void* data = nullptr;
};

/// Writes a .safetensors file beside its final name and renames it, so that a kill never leaves
/// half a file. Throws Error.
void write_safetensors(const std::string& path, const std::map<std::string, TensorToWrite>& tensors,
                       const std::map<std::string, std::string>& metadata);

} // namespace fomo
