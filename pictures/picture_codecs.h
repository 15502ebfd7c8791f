// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "pictures/picture.h"

namespace fomo {

/// What libfomopictures.so offers: every format that OpenCV reads and writes, for the price of a
/// hundred libraries that OpenCV's codecs bring along.
struct PictureCodecs {
  uint32_t version;
  /// As decode_picture() and save_picture().
  Picture (*decode)(const uint8_t* data, size_t size, const std::string& name);
  void (*save)(const Picture& picture, const std::string& path);
};

constexpr uint32_t kPictureCodecsVersion = 1;
constexpr const char* kPictureCodecsEntry = "fomo_picture_codecs";

/// Ends every error about a source picture.
constexpr const char* kPictureRemedy =
    " Set source-image to a readable JPEG, PNG, WebP, TIFF, GIF or BMP file.";

} // namespace fomo
