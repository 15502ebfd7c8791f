// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/bf16_image.h"
#include "model/kernels/image.h"

namespace fomo::cpu {

/// An image between two layers, in the precision of the network that they belong to.
struct Feature {
  bool in_bf16 = false;
  kernels::Image full;     ///< the image in fp32
  kernels::Bf16Image half; ///< the image in bf16
};

/// Channels including the padding of a part of an image.
inline int padded_channels(int channels, bool in_bf16) {
  return in_bf16 ? kernels::padded_bf16_channels(channels) : kernels::padded_channels(channels);
}

/// Some of the channels of an image; `first` is a multiple of the block's size.
inline Feature channel_slice(const Feature& feature, int first, int count) {
  Feature slice = feature;
  if (feature.in_bf16)
    slice.half = channel_slice(feature.half, first, count);
  else
    slice.full = channel_slice(feature.full, first, count);
  return slice;
}

} // namespace fomo::cpu
