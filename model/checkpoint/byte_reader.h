// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

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

/// Walks over bytes and never leaves them: every step past the end throws TruncatedError.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes, size_t position = 0)
      : bytes_(bytes), position_(position) {}

  size_t position() const { return position_; }
  size_t left() const { return position_ < bytes_.size() ? bytes_.size() - position_ : 0; }

  std::string_view take(uint64_t size) {
    if (size > left())
      throw TruncatedError("ends too early. Download or copy it again.");
    const std::string_view taken = bytes_.substr(position_, size);
    position_ += size;
    return taken;
  }

  uint64_t integer(size_t size) { return load_little_endian(take(size).data(), size); }

  /// Up to the next line feed, which is consumed but not returned.
  std::string_view line() {
    const size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos)
      throw TruncatedError("ends too early. Download or copy it again.");
    const std::string_view taken = bytes_.substr(position_, end - position_);
    position_ = end + 1;
    return taken;
  }

 private:
  std::string_view bytes_;
  size_t position_;
};

} // namespace fomo
