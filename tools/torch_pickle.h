// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// A tensor as a pickle refers to it.
struct TensorReference {
  std::string key; ///< of the storage
  ScalarType type = ScalarType::f32;
  uint64_t storage_count = 0; ///< elements
  int64_t offset = 0;         ///< elements
  std::vector<int64_t> shape, strides;
  std::string view_metadata; ///< pickled; empty: None
};

/// Row-major strides.
std::vector<int64_t> contiguous_strides(const std::vector<int64_t>& shape);

/// Writes a protocol 2 pickle as torch.save does. The calls are made in the object's order; what
/// becomes of them in a wrong order is up to the caller.
class PickleWriter {
 public:
  /// Whether storages are described as in the legacy container (six items) or as in zip (five).
  explicit PickleWriter(bool legacy) : legacy_(legacy) { bytes_ = "\x80\x02"; }

  void raw(std::string_view operations) { bytes_ += operations; }
  void none() { bytes_ += 'N'; }
  void boolean(bool value) { bytes_ += value ? '\x88' : '\x89'; }
  void integer(int64_t value);
  void real(double value);
  void string(std::string_view text);
  void global(std::string_view module, std::string_view name);
  void begin_dict() { bytes_ += "}("; }
  void begin_ordered_dict();
  void end_dict() { bytes_ += 'u'; }
  void begin_list() { bytes_ += "]("; }
  void end_list() { bytes_ += 'e'; }
  void tensor(const TensorReference& tensor);

  /// The pickle.
  std::string finish() const { return bytes_ + '.'; }

 private:
  void tuple(const std::vector<int64_t>& values);

  bool legacy_;
  std::string bytes_;
};

/// What the legacy container begins with: magic number, version and system.
std::string legacy_prefix(bool little_endian = true);

/// The legacy container's list of storage keys.
std::string legacy_keys(const std::vector<std::string>& keys);

} // namespace fomo
