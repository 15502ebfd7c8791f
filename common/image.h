// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "api/engine_api.h"

namespace fomo {

/// A read-only view of pixels: a FomoConstImage that a FomoImage converts to implicitly.
struct ConstImage : FomoConstImage {
  ConstImage() : FomoConstImage{nullptr, 0, 0, 0, 3} {}
  ConstImage(const uint8_t* pixels, int image_width, int image_height, ptrdiff_t row_bytes,
             int image_channels)
      : FomoConstImage{pixels, image_width, image_height, row_bytes, image_channels} {}
  ConstImage(const FomoConstImage& image) : FomoConstImage(image) {} // NOLINT: converts
  ConstImage(const FomoImage& image)                                 // NOLINT: converts
      : FomoConstImage{image.data, image.width, image.height, image.stride, image.channels} {}
};

/// A view of tightly packed RGB pixels [height][width][3].
inline ConstImage packed_rgb(const std::vector<uint8_t>& pixels, int width, int height) {
  return {pixels.data(), width, height, ptrdiff_t{3} * width, 3};
}
inline FomoImage packed_rgb(std::vector<uint8_t>& pixels, int width, int height) {
  return {pixels.data(), width, height, ptrdiff_t{3} * width, 3};
}

} // namespace fomo
