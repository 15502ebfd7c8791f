// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// Index of a value in Pickle::values. Values refer to each other by it, in circles if the file
/// says so.
using ValueRef = uint32_t;

/// A Python object of one of the few kinds that a checkpoint is made of. Text points into the file.
struct Value {
  enum class Kind : uint8_t {
    none,
    boolean,     ///< integer
    integer,     ///< integer
    big_integer, ///< text: little-endian two's complement
    real,
    string,  ///< text
    bytes,   ///< text
    tuple,   ///< items
    list,    ///< items
    dict,    ///< items: key, value, key, value …
    global,  ///< integer: which of the few that are allowed
    storage, ///< integer: index into Pickle::views
    tensor   ///< integer: index into Pickle::tensors
  };
  Kind kind = Kind::none;
  int64_t integer = 0;
  std::string_view text;
  std::vector<ValueRef> items;
};

/// Data of a tensor, apart from the pickle, found by its key.
struct PickledStorage {
  std::string_view key;
  ScalarType type = ScalarType::f32;
  uint64_t count = 0; ///< elements
};

/// A stretch of a storage (all of it, but for views that PyTorch < 0.4 wrote).
struct StorageView {
  uint32_t storage = 0; ///< index into Pickle::storages
  uint64_t offset = 0;  ///< elements
  uint64_t count = 0;   ///< elements
};

/// A tensor as pickled; its bounds lie within its view.
struct PickledTensor {
  uint32_t view = 0;  ///< index into Pickle::views
  int64_t offset = 0; ///< elements
  std::vector<int64_t> shape, strides;
};

/// One unpickled object with everything it refers to.
struct Pickle {
  std::vector<Value> values;
  ValueRef root = 0;
  std::vector<PickledStorage> storages;
  std::vector<StorageView> views;
  std::vector<PickledTensor> tensors;
  size_t size = 0; ///< bytes, from the first to STOP

  const Value& at(ValueRef ref) const { return values[ref]; }
  const Value& object() const { return values[root]; }
  /// Value of a dict's string key, the last one as Python has it; null if it is not there.
  const Value* find(const Value& dict, std::string_view key) const;
  /// The storages' bytes.
  uint64_t storage_bytes() const;
};

/// Reads the pickle that begins `bytes`. Nothing in it is run: of classes and functions it knows
/// OrderedDict, _rebuild_tensor_v2 and the storage classes; any other is refused by name. Time and
/// memory stay within fixed bounds whatever the bytes are. Throws FormatError.
Pickle read_pickle(std::string_view bytes);

} // namespace fomo
