// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <opencv2/core/types.hpp>

#include "common/image.h"

namespace fomo {

/// A decoded still picture: 8-bit sRGB, interleaved RGB, or RGBA with straight alpha; packed rows.
struct Picture {
  int width = 0;
  int height = 0;
  int channels = 3;
  std::vector<uint8_t> pixels;
};

inline ConstImage image_of(const Picture& picture) {
  return {picture.pixels.data(), picture.width, picture.height,
          ptrdiff_t{picture.channels} * picture.width, picture.channels};
}

/// Decodes a picture file: PNG, JPEG, WebP, TIFF, GIF, BMP, and where their libraries were built in
/// HEIC, AVIF and JPEG XL. The result is upright and sRGB; of an animation it is the first frame. A
/// picture of more than 40 million pixels comes reduced (row_assembler.h). Throws Error naming the
/// file, the reason and the remedy.
Picture load_picture(const std::string& path);

/// Decodes a picture file in memory; errors call it `name`. Throws as load_picture() does.
Picture decode_picture(const uint8_t* data, size_t size, const std::string& name);

/// Writes a PNG file. Throws Error.
void save_picture(const Picture& picture, const std::string& path);

/// A copy of pixels (RGB, or RGBA with straight alpha). More than 40 million are scaled down to 20
/// million, which bounds the memory of a picture; a long side alone does not matter.
Picture copy_picture(const ConstImage& pixels);

/// A part of a picture, pixels: `roll` radians clockwise about its centre. May leave the picture.
struct PictureCrop : cv::Rect {
  using cv::Rect::Rect;
  PictureCrop(const cv::Rect& rect, double turned_by = 0) // NOLINT: converts
      : cv::Rect(rect), roll(turned_by) {}

  double roll = 0; ///< other than 0 only for squares
};

/// The part of a `width` x `height` picture that FOMO_CROP_NONE or FOMO_CROP_CENTER selects.
cv::Rect crop_region(FomoCrop crop, int width, int height);

/// Cuts `region` out of a picture and scales it to `width` x `height`: by area averaging to a
/// smaller size, bilinearly to a larger one. Transparent pixels are blended with mid grey. Outside
/// of the picture its border is repeated. Returns packed RGB. Throws Error (FOMO_SETTINGS) when the
/// region does not touch the picture.
std::vector<uint8_t> resize_region(const Picture& picture, const PictureCrop& region, int width,
                                   int height);

/// A copy of `crop` as a picture of its own, turned upright if it has a roll; of at most 4096
/// pixels on a side. Outside of the picture its border is repeated.
Picture cut_upright(const Picture& picture, const PictureCrop& crop);

} // namespace fomo
