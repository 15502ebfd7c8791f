// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace fomo {

/// A member of a zip archive, as the archive's directory has it.
struct ZipMember {
  std::string_view name;
  uint16_t method = 0; ///< 0: stored
  uint16_t flags = 0;
  uint64_t packed_size = 0, size = 0; ///< bytes
  uint64_t header = 0;                ///< position of its local header
};

/// Reads the directory at the end of a zip archive (zip64 too); every member's bounds still have to
/// be checked. Throws TruncatedError when there is none, FormatError when it makes no sense.
std::vector<ZipMember> read_zip_directory(std::string_view file);

/// The bytes of a stored member. Throws FormatError when it is compressed, encrypted or not there.
std::string_view stored_member(std::string_view file, const ZipMember& member);

} // namespace fomo
