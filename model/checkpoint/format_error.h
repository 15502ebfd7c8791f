// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fomo {

/// What is wrong with a file's bytes and what to do, as the rest of a sentence that begins with the
/// file's name ("is empty …"). The layers that see bytes alone throw it; whoever knows the name
/// makes an Error of it.
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

/// Throws TruncatedError telling that of `expected` bytes only `actual` are there.
[[noreturn]] void throw_truncated(uint64_t expected, uint64_t actual);

/// "3,538,355 bytes".
std::string byte_count(uint64_t bytes);

/// Text from a file, fit for a message: cut to 80 characters, what is not printable ASCII replaced.
std::string printable(std::string_view text);

} // namespace fomo
