// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "pictures/colour.h"
#include "pictures/picture.h"

namespace fomo {

/// The interleaved samples of a TIFF file's rows.
struct TiffSamples {
  enum class Alpha {
    none,
    straight,
    premultiplied,
    unnamed /**< a sample that is not described */
  };

  int bits = 8;
  int count = 3;   ///< of a pixel, alpha and whatever else included
  int colours = 0; ///< 1 grey, 3 RGB, 4 CMYK; 0: something else
  bool is_float = false, is_signed = false, inverted = false;
  Alpha alpha = Alpha::none;

  /// Whether TiffRowReader reads them.
  bool readable() const;
  /// Whether the range of their values is not given by the number of bits.
  bool needs_range() const { return is_float || bits == 32; }
  /// Of the rows that TiffRowReader gives.
  SampleLayout layout() const;
};

/// The range of a picture's values, learnt from all of them: floating-point pictures hold 0 to 1, 0
/// to 255 or 0 to 65535.
class SampleRange {
 public:
  void look(const TiffSamples& samples, const void* row, int width);

  double colour_white() const { return white(most_colour_); }
  double alpha_white() const { return white(most_alpha_); }

 private:
  static double white(double most);

  double most_colour_ = 0, most_alpha_ = 0;
};

/// Makes rows of what RowConverter takes: without further samples, 8 or 16 bits, straight alpha.
class TiffRowReader {
 public:
  TiffRowReader(const TiffSamples& samples, const SampleRange& range, int width);

  /// Valid until the next call.
  const void* read(const void* row);

 private:
  template<typename In, typename Out>
  void convert(const In* in, Out* out) const;

  TiffSamples samples_;
  double colour_scale_ = 1, alpha_scale_ = 1;
  int width_;
  std::vector<uint8_t> narrow_;
  std::vector<uint16_t> wide_;
};

/// Makes a picture opaque whose alpha is 0 everywhere: a sample that was not described as alpha and
/// is none.
void fill_empty_alpha(Picture& picture);

} // namespace fomo
