// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo::live {

/// A small picture of a picture file, as a PNG file. The file is read by the reader that the
/// element uses; `name` is what errors call it. Throws Error with the words of that reader.
std::string make_thumbnail(const std::string& path, const std::string& name);

} // namespace fomo::live
