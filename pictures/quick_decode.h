// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "pictures/picture.h"

namespace fomo {

/// Decodes what nearly all pictures are, with libpng and libjpeg alone: whole and undamaged PNG
/// files of 8-bit RGB or RGBA and upright JPEG files of up to 16384x16384, to the very pixels that
/// PictureCodecs would give. Nothing for any other file, good or bad: that takes PictureCodecs.
std::optional<Picture> quick_decode(const uint8_t* data, size_t size);

} // namespace fomo
