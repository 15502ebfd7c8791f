// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "pictures/picture.h"

namespace fomo {

/// Whether a file begins as GIF files do.
bool is_gif(const uint8_t* data, size_t size);

/// The first frame of a GIF file on its canvas: RGB, or RGBA where something shows through.
/// OpenCV's codecs do not read GIF. Throws std::runtime_error with the reason when the file is
/// damaged.
Picture decode_gif(const uint8_t* data, size_t size);

} // namespace fomo
