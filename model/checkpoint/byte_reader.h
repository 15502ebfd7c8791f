// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/checkpoint/byte_source.h"
#include "model/checkpoint/format_error.h"

namespace fomo {

/// Little-endian unsigned integer of `size` <= 8 bytes.
inline uint64_t load_little_endian(const void* bytes, size_t size) {
  const auto* from = static_cast<const unsigned char*>(bytes);
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;)
    value = value << 8 | from[i];
  return value;
}

/// Reads bytes in order, from memory or from the beginning of a file. Every step beyond the end
/// throws TruncatedError.
class ByteReader {
 public:
  /// The parts of a file that a reader has read. Its results point into them.
  using Parts = std::vector<std::unique_ptr<const char[]>>;

  explicit ByteReader(std::string_view bytes, size_t position = 0)
      : window_(bytes), at_(position < bytes.size() ? position : bytes.size()), end_(bytes.size()) {
  }
  /// Reads max_description bytes of the file at most, part after part, and adds the parts to
  /// `parts`. Steps beyond that throw FormatError.
  ByteReader(const ByteSource& file, Parts& parts)
      : end_(file.size()), file_(&file), parts_(&parts) {}

  uint64_t position() const { return start_ + at_; }
  uint64_t left() const { return end_ - position(); }

  std::string_view take(uint64_t size) {
    if (size > window_.size() - at_)
      read_part(size);
    const std::string_view taken = window_.substr(at_, size);
    at_ += size;
    return taken;
  }

  uint64_t integer(size_t size) { return load_little_endian(take(size).data(), size); }

  /// Up to the next line feed, which is consumed but not returned.
  std::string_view line();

 private:
  /// Makes the next `size` bytes the window's first, or throws.
  void read_part(uint64_t size);

  std::string_view window_; // what was read last
  size_t at_ = 0;           // in the window
  uint64_t start_ = 0;      // of the window
  uint64_t end_;            // of all bytes
  const ByteSource* file_ = nullptr;
  Parts* parts_ = nullptr;
};

} // namespace fomo
