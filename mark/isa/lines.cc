// SPDX-License-Identifier: LGPL-2.1-or-later
// The table `Lines` for one instruction set; simd/vec.h has the rules for such sources. Loops over
// bytes are left to the compiler's vectoriser: with lengths that it knows it needs no help.
#include "mark/lines.h"

#include "simd/vec.h"

namespace fomo::mark::FOMO_ISA {

using namespace simd::FOMO_ISA;

/// The sum of the absolute differences of `count` bytes.
FOMO_INLINE int differences(const uint8_t* a, const uint8_t* b, int count) {
  int sum = 0;
  for (int i = 0; i < count; i++)
    sum += __builtin_abs(a[i] - b[i]);
  return sum;
}

FOMO_INLINE void add_pattern(uint8_t* pixels, const int8_t* pattern, int16_t strength, int count) {
  constexpr int16_t shift = kPatternBits + kStrengthBits, half = 1 << (shift - 1);
  for (int i = 0; i < count; i++) {
    int16_t change = static_cast<int16_t>(static_cast<int16_t>(strength * pattern[i]) + half);
    change = static_cast<int16_t>(change >> shift);
    change = change < -kMostLevels ? -kMostLevels : change;
    change = change > kMostLevels ? kMostLevels : change;
    int16_t value = static_cast<int16_t>(pixels[i] + change);
    value = value < 0 ? 0 : value;
    value = value > 255 ? 255 : value;
    pixels[i] = static_cast<uint8_t>(value);
  }
}

FOMO_INLINE void mark_block(uint8_t* pixels, ptrdiff_t stride, int width, int rows, int channels,
                            const int8_t* pattern, int pattern_stride, Strength strength) {
  const int bytes = width * channels;
  int sum = 0;
  for (int y = 0; y < rows; y++) {
    const uint8_t* row = pixels + y * stride;
    sum += differences(row, row + channels, bytes - channels);
    if (y + 1 < rows)
      sum += differences(row, row + stride, bytes);
  }
  const int count = rows * (bytes - channels) + (rows - 1) * bytes;
  const int level = min(strength.least + strength.slope * sum / max(count, 1), strength.most);
  for (int y = 0; y < rows; y++)
    add_pattern(pixels + y * stride, pattern + ptrdiff_t{y} * pattern_stride,
                static_cast<int16_t>(level), bytes);
}

template<int channels>
FOMO_INLINE void mark_row(uint8_t* pixels, ptrdiff_t stride, int width, int rows,
                          const int8_t* pattern, int tile, Strength strength) {
  for (int x = 0; x < width; x += kBlock) {
    uint8_t* block = pixels + ptrdiff_t{x} * channels;
    const int8_t* part = pattern + ptrdiff_t{x % tile} * channels;
    if (x + kBlock <= width && rows == kBlock)
      mark_block(block, stride, kBlock, kBlock, channels, part, tile * channels, strength);
    else
      mark_block(block, stride, min(kBlock, width - x), rows, channels, part, tile * channels,
                 strength);
  }
}

static void mark_blocks(uint8_t* pixels, ptrdiff_t stride, int width, int rows, int channels,
                        const int8_t* pattern, int tile, Strength strength) {
  if (channels == 4)
    mark_row<4>(pixels, stride, width, rows, pattern, tile, strength);
  else
    mark_row<3>(pixels, stride, width, rows, pattern, tile, strength);
}

extern const Lines table;
const Lines table = {FOMO_ISA_NAME, mark_blocks};

} // namespace fomo::mark::FOMO_ISA
