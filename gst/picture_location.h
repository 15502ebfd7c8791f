// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// The path of the file that `location`, the value of source-image or reference-image, names: a
/// path, which is returned as it is, or a file URI. A URI may name this computer as its host, no
/// other. Throws Error (FOMO_NOT_FOUND). Needs GLib, not GStreamer.
std::string file_of(const std::string& location);

} // namespace fomo
