// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

#include "model/checkpoint/safetensors.h"

namespace fomo {

/// Reads a .safetensors file's bytes; the result's tensors point into them, its `storage` is left
/// empty. Throws FormatError.
SafetensorsFile read_safetensors(std::string_view file);

/// "F32", "BF16" …
const char* safetensors_type_name(ScalarType type);

} // namespace fomo
