// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fomo {

/// What is wrong with a file's bytes and what to do, as the end of a sentence that begins with the
/// file's name ("is empty …"). Thrown by functions that see the bytes alone; the caller that knows
/// the file's name makes an Error of it.
class FormatError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The bytes end too early.
class TruncatedError : public FormatError {
 public:
  using FormatError::FormatError;
};

/// Throws FormatError for bytes that contradict themselves: "is damaged: <what>. …".
[[noreturn]] void throw_damaged(const std::string& what);

/// Throws TruncatedError which says that only `actual` of `expected` bytes are there.
[[noreturn]] void throw_truncated(uint64_t expected, uint64_t actual);

/// Throws FormatError for a file that describes more objects than any checkpoint has.
[[noreturn]] void throw_too_many_objects();

/// "3,538,355 bytes".
std::string byte_count(uint64_t bytes);

/// Text from a file for use in a message: the first 80 characters, '?' for each that is not
/// printable ASCII.
std::string printable(std::string_view text);

} // namespace fomo
