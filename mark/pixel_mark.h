// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "api/engine_api.h"
#include "mark/payload.h"
#include "simd/isa.h"

namespace fomo {

/// Adds the imperceptible mark to the frames of one stream: a faint, smooth pattern of 64x64 chips
/// that repeats in both directions. It is the same in all frames and changes the luma only: R, G
/// and B of a pixel change by the same number of levels, at most 3. It is stronger where there is
/// texture. MarkDetector finds it.
class PixelMark {
 public:
  explicit PixelMark(simd::Isa isa = simd::best_isa()) : isa_(isa) {}

  /// Marks a frame, RGB or RGBA. Alpha does not change. The pattern is made with the first frame
  /// and whenever the payload, the number of channels or the chips' size (see chip_size()) changes.
  void operator()(const FomoImage& frame, const MarkPayload& payload);

 private:
  void prepare(int chip, int channels, uint8_t bits);

  simd::Isa isa_;
  int chip_ = 0, channels_ = 0;
  uint8_t bits_ = 0;
  std::vector<int8_t> pattern_; ///< a tile with `channels_` bytes for each pixel
};

} // namespace fomo
