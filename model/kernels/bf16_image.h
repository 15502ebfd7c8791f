// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "simd/inline.h"

namespace fomo::kernels {

/// A number in bf16: the upper half of a float.
using bf16 = uint16_t;

/// Its value.
FOMO_INLINE float float_of(bf16 value) {
  const uint32_t bits = uint32_t(value) << 16;
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

/// Channels of a block of a Bf16Image.
constexpr int kBf16Lanes = 32;

/// A view of a picture of bf16 in blocks of 32 channels with a border: channel c of pixel (y, x) is
/// `data[(c / 32) * block_stride + ((y + border) * pitch() + x + border) * 32 + c % 32]`. The
/// border is zero: it is the padding of the convolutions that read the picture. 16 neighbouring
/// pixels of a block are one tile of AMX. The unused lanes of the last block hold finite numbers.
/// In a split image a second number for each place, `low` elements further on, is what rounding to
/// bf16 has left: their sum has 16 significant bits.
struct Bf16Image {
  bf16* data = nullptr;
  int channels = 0;
  int height = 0;
  int width = 0;
  int border = 0;             ///< pixels on each side
  ptrdiff_t block_stride = 0; ///< elements from one channel block to the next
  ptrdiff_t low = 0;          ///< elements from a number to the rest of it; 0: not split

  FOMO_INLINE int blocks() const { return (channels + kBf16Lanes - 1) / kBf16Lanes; }
  /// Pixels from one row to the next.
  FOMO_INLINE ptrdiff_t pitch() const { return width + 2 * ptrdiff_t(border); }
  /// The pixel (y, x) of a block; from -border to size + border.
  FOMO_INLINE bf16* pixel(int block, int y, int x) const {
    return data + block * block_stride + ((y + border) * pitch() + x + border) * kBf16Lanes;
  }
};

/// `channels` rounded up to whole blocks of a Bf16Image.
FOMO_INLINE constexpr int padded_bf16_channels(int channels) {
  return (channels + kBf16Lanes - 1) / kBf16Lanes * kBf16Lanes;
}

/// Elements of one block.
FOMO_INLINE constexpr ptrdiff_t bf16_block(int height, int width, int border) {
  return ptrdiff_t(height + 2 * border) * (width + 2 * border) * kBf16Lanes;
}

/// Pixels that the kernels may read beyond the end of an image: they compute whole tiles.
constexpr int kBf16Slack = 192;

/// Floats of memory of an image of this size.
FOMO_INLINE constexpr size_t bf16_image_floats(int channels, int height, int width, int border,
                                               bool split = false) {
  const ptrdiff_t blocks = padded_bf16_channels(channels) / kBf16Lanes * (split ? 2 : 1);
  return size_t(blocks * bf16_block(height, width, border) + kBf16Slack * kBf16Lanes) / 2;
}

/// An image in `memory`, an array of bf16_image_floats() floats.
FOMO_INLINE Bf16Image make_bf16_image(float* memory, int channels, int height, int width,
                                      int border, bool split = false) {
  const ptrdiff_t block = bf16_block(height, width, border);
  return {reinterpret_cast<bf16*>(memory),
          channels,
          height,
          width,
          border,
          block,
          split ? padded_bf16_channels(channels) / kBf16Lanes * block : 0};
}

/// Some of the channels of an image; `first` is a multiple of 32.
FOMO_INLINE Bf16Image channel_slice(const Bf16Image& image, int first, int count) {
  Bf16Image slice = image;
  slice.data += first / kBf16Lanes * image.block_stride;
  slice.channels = count;
  return slice;
}

/// Rounds to the nearest, ties to even. `bits` are those of a float that is not NaN.
FOMO_INLINE constexpr bf16 round_to_bf16(uint32_t bits) {
  return bf16((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

} // namespace fomo::kernels
