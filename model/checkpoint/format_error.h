// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <stdexcept>
#include <string>

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

} // namespace fomo
