// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "model/checkpoint/pickle.h"

namespace fomo {

/// The classes and functions that a checkpoint may name; storage classes follow in the order of
/// ScalarType.
enum AllowedGlobal : int64_t { ordered_dict, rebuild_tensor_v2, first_storage_class };

/// The AllowedGlobal of this name. Throws FormatError that names any other class or function.
int64_t allowed_global(std::string_view module, std::string_view name);

/// Index of storages in Pickle::storages by their key. A map, not a hash table: a hostile file can
/// choose keys whose hashes collide.
using StorageByKey = std::map<std::string_view, uint32_t>;

/// Adds the storage that a persistent id describes to `pickle`, unless it is there already, and a
/// view of it. Returns an index into Pickle::views. Throws FormatError.
uint32_t add_storage(Pickle& pickle, const Value& persistent_id, StorageByKey& storage_by_key);

/// Applies _rebuild_tensor_v2 to its arguments. Returns an index into Pickle::tensors. Throws
/// FormatError.
uint32_t add_tensor(Pickle& pickle, const Value& arguments);

} // namespace fomo
