// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// The description of a tensor in a pickle.
struct TensorReference {
  std::string key; ///< name of the storage
  ScalarType type = ScalarType::f32;
  uint64_t storage_count = 0;          ///< elements of the storage
  int64_t offset = 0;                  ///< of the tensor in the storage, elements
  std::vector<int64_t> shape, strides; ///< elements
  std::string view_metadata;           ///< pickled; empty: None
};

/// The strides of a row-major tensor, elements.
std::vector<int64_t> contiguous_strides(const std::vector<int64_t>& shape);

/// Writes a pickle of protocol 2 as torch.save does. Each call appends to the pickle; the order of
/// the calls is not checked.
class PickleWriter {
 public:
  /// `legacy`: describe storages as in the legacy container (six items), else as in the zip
  /// container (five items).
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

  /// Returns the complete pickle.
  std::string finish() const { return bytes_ + '.'; }

 private:
  void tuple(const std::vector<int64_t>& values);

  bool legacy_;
  std::string bytes_;
};

/// The beginning of the legacy container: magic number, version and system.
std::string legacy_prefix(bool little_endian = true);

/// The list of storage keys of the legacy container.
std::string legacy_keys(const std::vector<std::string>& keys);

} // namespace fomo
