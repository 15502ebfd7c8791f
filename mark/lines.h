// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/isa.h"

/// Arithmetic of the pixel mark, compiled once for each instruction set.
namespace fomo::mark {

/// The mark's strength is chosen for blocks of so many pixels in width and height.
constexpr int kBlock = 8;
/// Fractional bits of the pattern and of the strength.
constexpr int kPatternBits = 5, kStrengthBits = 6;
/// The mark changes no value by more levels.
constexpr int kMostLevels = 3;

/// Strength, levels of RMS, by the mean difference of neighbouring values in the block:
/// least + slope * difference, at most `most`; each with kStrengthBits fractional bits.
struct Strength {
  int least, slope, most;
};

/// The functions of mark/isa.
struct Lines {
  const char* name; ///< of the instruction set
  /// Adds the pattern to a row of blocks: `rows` (at most kBlock) rows of `width` pixels with
  /// `channels` interleaved bytes. `pattern`: the same rows of a tile `tile` pixels wide (a
  /// multiple of kBlock), with `channels` bytes for each pixel, rows packed.
  void (*mark_blocks)(uint8_t* pixels, ptrdiff_t stride, int width, int rows, int channels,
                      const int8_t* pattern, int tile, Strength strength);
};

const Lines& lines_of(simd::Isa isa);

} // namespace fomo::mark
