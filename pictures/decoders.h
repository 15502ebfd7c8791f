// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "pictures/colour.h"
#include "pictures/picture.h"

namespace fomo {

/// A picture file in memory.
struct PictureBytes {
  const uint8_t* data;
  size_t size;
};

// Each decoder takes a file of its kind (picture_kind.h) and gives an upright sRGB picture, reduced
// where the file's is too large (row_assembler.h). Each throws std::runtime_error with the reason,
// as the end of a sentence about the file, when the file is damaged or too large; what the library
// behind it reports goes to the log.
Picture decode_png(const PictureBytes& file);
Picture decode_jpeg(const PictureBytes& file);
Picture decode_gif(const PictureBytes& file);
Picture decode_bmp(const PictureBytes& file);

// In libfomopictures.so.
Picture decode_webp(const PictureBytes& file);
Picture decode_tiff(const PictureBytes& file);
Picture decode_heif(const PictureBytes& file);
Picture decode_avif(const PictureBytes& file);
Picture decode_jpeg_xl(const PictureBytes& file);

/// Converts a decoder's whole picture (8-bit RGB, or RGBA with straight alpha) to sRGB and turns it
/// upright.
Picture upright_srgb(Picture picture, const ColourMeaning& meaning, int orientation);

/// Straight alpha of a row that is premultiplied: RGBA, 8 bits, in place.
void unpremultiply(uint8_t* row, int count);

} // namespace fomo
