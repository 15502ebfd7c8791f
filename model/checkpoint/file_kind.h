// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/checkpoint/byte_source.h"

namespace fomo {

enum class FileKind { legacy, zip, safetensors, unknown };

/// Recognises a container by its first bytes.
FileKind sniff_file(const ByteSource& file);

/// Throws FormatError that says what a file of FileKind::unknown is (a web page, an LFS pointer, a
/// real tar, another framework's model …) and what to do.
[[noreturn]] void refuse_file(const ByteSource& file);

} // namespace fomo
