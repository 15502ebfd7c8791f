// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/checkpoint/safetensors.h"

namespace fomo {

/// Tensors and metadata of a .safetensors file.
struct SafetensorsHeader {
  std::map<std::string, StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads the header of a .safetensors file. Every tensor lies within the file. Throws FormatError.
SafetensorsHeader read_safetensors(const ByteSource& file);

/// "F32", "BF16" …
const char* safetensors_type_name(ScalarType type);

} // namespace fomo
