// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "api/engine_api.h"

namespace fomo {

/// Pixels to be read: FomoConstImage, also made of an image that could be written to.
struct ConstImage : FomoConstImage {
  ConstImage() : FomoConstImage{nullptr, 0, 0, 0, 3} {}
  ConstImage(const uint8_t* pixels, int image_width, int image_height, ptrdiff_t row_bytes,
             int image_channels)
      : FomoConstImage{pixels, image_width, image_height, row_bytes, image_channels} {}
  ConstImage(const FomoConstImage& image) : FomoConstImage(image) {} // NOLINT: converts
  ConstImage(const FomoImage& image)                                 // NOLINT: converts
      : FomoConstImage{image.data, image.width, image.height, image.stride, image.channels} {}
};

/// Tightly packed RGB pixels as an image.
inline ConstImage packed_rgb(const std::vector<uint8_t>& pixels, int width, int height) {
  return {pixels.data(), width, height, ptrdiff_t{3} * width, 3};
}
inline FomoImage packed_rgb(std::vector<uint8_t>& pixels, int width, int height) {
  return {pixels.data(), width, height, ptrdiff_t{3} * width, 3};
}

} // namespace fomo
