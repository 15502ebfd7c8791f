// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "model/checkpoint/byte_reader.h"
#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// Index of a value in Pickle::values. Values refer to each other by it; the references may form
/// cycles.
using ValueRef = uint32_t;

/// A Python object of one of the kinds that a checkpoint consists of. `text` points into the bytes
/// that the pickle was read from.
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
    global,  ///< integer: an AllowedGlobal
    storage, ///< integer: index into Pickle::views
    tensor   ///< integer: index into Pickle::tensors
  };
  Kind kind = Kind::none;
  int64_t integer = 0;
  std::string_view text;
  std::vector<ValueRef> items;
};

/// Elements of tensors, which lie outside of the pickle under a key.
struct PickledStorage {
  std::string_view key;
  ScalarType type = ScalarType::f32;
  uint64_t count = 0; ///< elements
};

/// A range of a storage. It is the whole storage, except for views that PyTorch < 0.4 wrote.
struct StorageView {
  uint32_t storage = 0; ///< index into Pickle::storages
  uint64_t offset = 0;  ///< elements
  uint64_t count = 0;   ///< elements
};

/// A tensor as pickled. Its bounds lie within its view.
struct PickledTensor {
  uint32_t view = 0;  ///< index into Pickle::views
  int64_t offset = 0; ///< elements
  std::vector<int64_t> shape, strides;
};

/// One unpickled object with everything it refers to.
struct Pickle {
  std::deque<Value> values; // grows without copies
  ValueRef root = 0;
  std::vector<PickledStorage> storages;
  std::vector<StorageView> views;
  std::vector<PickledTensor> tensors;
  uint64_t size = 0; ///< bytes, from the first to STOP

  const Value& at(ValueRef ref) const { return values[ref]; }
  const Value& object() const { return values[root]; }
  /// The value of a string key in `dict`; of equal keys the last counts, as in Python. Null if the
  /// key is not there. Takes time in proportion to the dict.
  const Value* find(const Value& dict, std::string_view key) const;
  /// Bytes of all storages.
  uint64_t storage_bytes() const;
};

/// Reads a pickle. The result's strings point into what was read. Executes nothing: the classes and
/// functions that it knows are OrderedDict, _rebuild_tensor_v2 and the storage classes; it refuses
/// any other by name. Time and memory are bounded for all bytes. Throws FormatError.
Pickle read_pickle(ByteReader& reader);
Pickle read_pickle(std::string_view bytes);

} // namespace fomo
