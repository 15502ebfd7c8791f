// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "pictures/decoders.h"
#include "pictures/picture_kind.h"

namespace fomo {

/// What libfomopictures.so offers: the formats whose libraries most runs do without.
struct PictureCodecs {
  uint32_t version;
  /// As the decoders of pictures/decoders.h; for WebP, TIFF, HEIC, AVIF and JPEG XL. Throws
  /// std::runtime_error also where the format was not built in.
  Picture (*decode)(PictureKind kind, const PictureBytes& file);
  /// As fomo::set_log(): the library has a log of its own.
  void (*set_log)(FomoLogFunction function, void* user_data) noexcept;
};

constexpr uint32_t kPictureCodecsVersion = 2;
constexpr const char* kPictureCodecsEntry = "fomo_picture_codecs";

/// Ends every error about a source picture.
constexpr const char* kPictureRemedy =
    " Set source-image to a readable picture: JPEG, PNG, WebP, TIFF, GIF, BMP, HEIC, AVIF or JPEG "
    "XL.";

} // namespace fomo
