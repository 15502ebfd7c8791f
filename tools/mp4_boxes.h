// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// The XMP packet of an MP4 file: the contents of its top-level `uuid` box of XMP. Empty if there
/// is none, or if the file is not an MP4 file. Throws Error if the file cannot be read.
std::string read_xmp(const std::string& path);

/// Writes the MP4 file `path` to `output` with `packet` as its XMP packet: a `uuid` box at the end
/// of the file, so that no offset in the file changes. A packet that was there is removed.
/// Throws Error if `path` is not an MP4 file.
void write_xmp(const std::string& path, const std::string& output, const std::string& packet);

} // namespace fomo
