// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace fomo {

enum class FileKind { legacy, zip, safetensors, unknown };

/// Tells containers apart by their first bytes.
FileKind sniff_file(std::string_view file);

/// Throws FormatError saying what a file of FileKind::unknown is (a web page, an LFS pointer, a
/// real tar, another framework's model …) and what to do.
[[noreturn]] void refuse_file(std::string_view file);

} // namespace fomo
