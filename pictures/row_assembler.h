// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pictures/exif.h"
#include "pictures/picture.h"

namespace fomo {

/// Pictures with more pixels are refused before they are decoded.
constexpr uint64_t kMostPixels = 300'000'000;
/// Pictures with more pixels are decoded reduced: their sides divided by a power of two.
constexpr uint64_t kMostFullPixels = 40'000'000;
/// Reduced pictures have at most so many pixels.
constexpr uint64_t kMostReducedPixels = 20'000'000;

/// The same for HEIC and AVIF, whose libraries decode a picture as a whole.
constexpr uint64_t kMostWholePixels = 50'000'000;

/// Throws std::runtime_error for a picture without pixels and for one of more than `most_pixels`.
void check_size(uint64_t width, uint64_t height, uint64_t most_pixels = kMostPixels);

/// The number that both sides of a picture are divided by: 1, or a power of two for a picture that
/// is too large to be kept in full. `file_size`: bytes of the file that is in memory meanwhile.
int reduction_for(uint64_t width, uint64_t height, int channels, size_t file_size);

/// Makes a picture of rows that a decoder delivers in order: averages squares of `reduction` by
/// `reduction` pixels and turns the picture upright, so that the decoder's picture is never in
/// memory as a whole.
class RowAssembler {
 public:
  /// `width`, `height`: of the delivered picture, `channels`: 3 (RGB) or 4 (RGBA, straight alpha).
  RowAssembler(int width, int height, int channels, int reduction = 1, int orientation = kUpright);

  /// The next row: width x channels bytes.
  void add(const uint8_t* row);
  /// The picture. Rows that were not delivered are black.
  Picture take();

 private:
  void allocate();
  void add_to_sums(const uint8_t* row);
  void flush_sums();
  void place(const uint8_t* row);
  void place_block();

  int width_, height_, channels_, reduction_, orientation_;
  int rows_ = 0;                 ///< delivered
  int sum_rows_ = 0;             ///< in sums_
  std::vector<uint32_t> sums_;   ///< of `reduction` rows: colour x alpha and alpha, or colours
  std::vector<uint8_t> reduced_; ///< a row of the reduced picture
  int placed_ = 0;               ///< rows of the reduced picture that are in picture_
  std::vector<uint8_t> block_;   ///< rows that are turned together
  int block_rows_ = 0;           ///< in block_
  int reduced_width_, reduced_height_; ///< before it is turned
  Picture picture_;
};

} // namespace fomo
