// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// Digests of a file's bytes, in hexadecimal.
struct FileDigests {
  std::string sha256, md5;
};

/// Reads a file from end to end. Throws Error.
FileDigests digest_file(const std::string& path);

} // namespace fomo
