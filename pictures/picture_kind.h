// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace fomo {

/// File formats of still pictures, told apart by the first bytes of a file, never by its name.
enum class PictureKind { unknown, png, jpeg, gif, bmp, webp, tiff, heif, avif, jpeg_xl };

PictureKind picture_kind(const uint8_t* data, size_t size);

/// "PNG" and so on; of an unknown file what it is if that is plain ("a PDF file"), else nullptr.
const char* kind_name(PictureKind kind);
const char* foreign_kind(const uint8_t* data, size_t size);

} // namespace fomo
