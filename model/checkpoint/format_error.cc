// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/checkpoint/format_error.h"

namespace fomo {

void throw_damaged(const std::string& what) {
  throw FormatError("is damaged: " + what + ". Download or copy it again.");
}

void throw_truncated(uint64_t expected, uint64_t actual) {
  throw TruncatedError("is cut off: at least " + byte_count(expected - actual) + " of " +
                       byte_count(expected) + " are missing. Download or copy it again.");
}

void throw_too_many_objects() {
  throw FormatError("has far more objects than a checkpoint of weights. It is not a First Order "
                    "Motion Model.");
}

std::string byte_count(uint64_t bytes) {
  std::string digits = std::to_string(bytes);
  for (size_t i = digits.size(); i > 3; i -= 3)
    digits.insert(i - 3, ",");
  return digits + (bytes == 1 ? " byte" : " bytes");
}

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text.substr(0, 80))
    result += c >= ' ' && c <= '~' ? c : '?';
  return result;
}

} // namespace fomo
