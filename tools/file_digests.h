// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// Digests of a file's bytes, in hexadecimal.
struct FileDigests {
  std::string sha256, md5;
};

/// Computes the digests of a file. Throws Error (FOMO_OPEN_READ).
FileDigests digest_file(const std::string& path);

} // namespace fomo
