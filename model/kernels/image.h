// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>

#include "simd/inline.h"

namespace fomo::kernels {

/// Channels of a block, which are adjacent in memory.
constexpr int kLanes = 8;

/// Number of blocks that hold `channels`.
FOMO_INLINE constexpr int channel_blocks(int channels) { return (channels + kLanes - 1) / kLanes; }

/// `channels` rounded up to whole blocks.
FOMO_INLINE constexpr int padded_channels(int channels) {
  return channel_blocks(channels) * kLanes;
}

/// A view of a picture of floats in blocks of eight channels ("NCHWc8"): channel c of pixel (y, x)
/// is `data[(c / 8) * block_stride + (y * width + x) * 8 + c % 8]`. All kernels read and write this
/// layout, so that no layer converts its input. The unused lanes of the last block hold arbitrary
/// finite numbers. `data` is aligned to a float at least; an alignment of 64 bytes is faster.
struct Image {
  float* data = nullptr;
  int channels = 0;
  int height = 0;
  int width = 0;
  ptrdiff_t block_stride = 0; ///< floats from one channel block to the next

  FOMO_INLINE int blocks() const { return channel_blocks(channels); }
  FOMO_INLINE ptrdiff_t pixels() const { return ptrdiff_t(height) * width; }
  FOMO_INLINE float* block(int index) const { return data + index * block_stride; }
};

/// Floats of an image of this size whose blocks are contiguous.
FOMO_INLINE constexpr size_t image_floats(int channels, int height, int width) {
  return size_t(padded_channels(channels)) * height * width;
}

/// An image in `data`, an array of image_floats() floats.
FOMO_INLINE Image make_image(float* data, int channels, int height, int width) {
  return {data, channels, height, width, ptrdiff_t(height) * width * kLanes};
}

/// Some of the channels of an image; `first` is a multiple of eight. Layers that write to adjacent
/// slices of one image concatenate their results without a copy.
FOMO_INLINE Image channel_slice(const Image& image, int first, int count) {
  Image slice = image;
  slice.data += first / kLanes * image.block_stride;
  slice.channels = count;
  return slice;
}

} // namespace fomo::kernels
