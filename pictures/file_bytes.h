// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/timed_read.h"

namespace fomo {

/// Larger picture files are refused.
constexpr size_t kMostFileBytes = size_t{256} << 20;

/// The contents of a picture file. Only regular files of at most kMostFileBytes are read; a FIFO, a
/// device or a folder is refused without waiting for it. A file system that does not
/// answer is waited for as read_timed() does. Throws Error (FOMO_NOT_FOUND, FOMO_OPEN_READ) that
/// names the file, the reason and the remedy.
std::vector<uint8_t> read_picture_file(const std::string& path,
                                       std::chrono::milliseconds timeout = kFileTimeout);

} // namespace fomo
