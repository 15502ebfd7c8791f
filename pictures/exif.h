// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace fomo {

/// How the stored pixels of a picture are to be turned, as EXIF and TIFF number it (tag 0x112).
/// Rows of a picture that is shown upright are:
///   1 as stored                     5 stored columns (mirrored along the main diagonal)
///   2 mirrored left to right        6 turned clockwise by 90 degrees
///   3 turned by 180 degrees         7 mirrored along the other diagonal
///   4 mirrored top to bottom        8 turned counterclockwise by 90 degrees
constexpr int kUpright = 1;

/// Whether width and height change places.
constexpr bool swaps_sides(int orientation) { return orientation >= 5; }

/// The orientation, 1 to 8, in an EXIF block: a TIFF header, with or without "Exif\0\0" before it.
/// kUpright where the block is damaged or does not say.
int exif_orientation(const uint8_t* data, size_t size);

} // namespace fomo
