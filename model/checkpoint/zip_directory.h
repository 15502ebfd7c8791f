// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/checkpoint/torch_archive.h"

namespace fomo {

/// A member of a zip archive, as the archive's directory describes it. Not checked yet.
struct ZipMember {
  std::string_view name; ///< points into ZipDirectory::text
  uint16_t method = 0;   ///< 0: stored without compression
  uint16_t flags = 0;
  uint64_t packed_size = 0, size = 0; ///< bytes
  uint64_t header = 0;                ///< position of its local header
};

struct ZipDirectory {
  std::shared_ptr<const std::string> text; ///< the directory's bytes
  std::vector<ZipMember> members;
};

/// Reads the directory at the end of a zip archive (zip64 too). Throws TruncatedError when there is
/// no directory, FormatError when it contradicts itself.
ZipDirectory read_zip_directory(const ByteSource& file);

/// Where the data of a stored member lie. Throws FormatError when the member is compressed,
/// encrypted or not there.
FileRange stored_member(const ByteSource& file, const ZipMember& member);

} // namespace fomo
