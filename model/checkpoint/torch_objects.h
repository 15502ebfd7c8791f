// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "model/checkpoint/pickle.h"

namespace fomo {

/// The classes and functions that a checkpoint may name; storage classes follow in the order of
/// ScalarType.
enum AllowedGlobal : int64_t { ordered_dict, rebuild_tensor_v2, first_storage_class };

/// Which allowed one it is. Throws FormatError naming any other.
int64_t allowed_global(std::string_view module, std::string_view name);

/// Makes the storage that a persistent id names known to `pickle`; index into Pickle::views.
/// Throws FormatError.
uint32_t add_storage(Pickle& pickle, const Value& persistent_id,
                     std::unordered_map<std::string_view, uint32_t>& storage_by_key);

/// Applies _rebuild_tensor_v2 to its arguments; index into Pickle::tensors. Throws FormatError.
uint32_t add_tensor(Pickle& pickle, const Value& arguments);

} // namespace fomo
