// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include <opencv2/core.hpp>

#include "mark/payload.h"

namespace fomo {

/// Chips along each side of the tile that the mark's pattern repeats.
constexpr int kTileChips = 64;

/// The public pattern: for each chip of the tile a pseudo-random sign, and which of the codeword's
/// chips it carries.
struct MarkTile {
  std::array<std::array<int8_t, kTileChips>, kTileChips> sign;  ///< [y][x], +1 or -1
  std::array<std::array<uint8_t, kTileChips>, kTileChips> code; ///< [y][x], below kCodeLength

  static const MarkTile& get();
};

/// The chips of the tile with this payload, [y][x], +1 or -1: CV_32F.
cv::Mat chips_of(uint8_t bits);

/// The side of a chip, pixels, in frames whose shorter side has so many pixels: 4, 6 or 8.
int chip_size(int shorter_side);

/// The pattern of one tile with this payload, `kTileChips` * `chip` pixels wide and high: CV_32F,
/// smooth, without its low frequencies, of mean square 1. Its opposite edges fit together.
cv::Mat pattern_of(uint8_t bits, int chip);

} // namespace fomo
