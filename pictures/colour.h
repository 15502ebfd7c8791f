// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace fomo {

/// Interleaved samples of a row as a decoder delivers it.
struct SampleLayout {
  int colours = 3;       ///< 1: grey, 3: red, green, blue, 4: cyan, magenta, yellow, black
  bool alpha = false;    ///< one more sample follows, straight alpha
  int bits = 8;          ///< of a sample: 8, or 16 in the machine's byte order
  bool inverted = false; ///< 0 is the most ink (CMYK) or white (grey)
};

/// What the samples of a picture mean: sRGB unless one of these is set.
struct ColourMeaning {
  std::vector<uint8_t> icc; ///< ICC profile
  /// Without a profile: exponent from light to samples (PNG's gAMA; 0: the curve of sRGB).
  double gamma = 0;
  /// Without a profile: CIE x and y of white, red, green, blue (PNG's cHRM; 0: those of sRGB).
  std::array<double, 8> chromaticities{};

  bool is_srgb() const { return icc.empty() && gamma == 0 && chromaticities[0] == 0; }
};

/// The meaning that the code points of ITU-T H.273 give, which HEIC and AVIF files carry in place
/// of a profile. What is not known counts as sRGB.
ColourMeaning meaning_of_code_points(int primaries, int transfer);

/// Converts rows of a picture to 8-bit sRGB, with straight alpha where they have alpha. A profile
/// that is damaged or does not fit the samples is ignored, which the log tells; one that changes no
/// colour by more than a level is not applied.
class RowConverter {
 public:
  explicit RowConverter(const SampleLayout& layout, const ColourMeaning& meaning = {});
  ~RowConverter();
  RowConverter(RowConverter&&) noexcept;

  /// Of the converted rows: 3, or 4 with alpha.
  int channels() const { return layout_.alpha ? 4 : 3; }
  /// Converts `count` pixels; `out` gets count x channels() bytes and may not overlap `in`.
  void operator()(const void* in, uint8_t* out, int count) const;
  /// Whether the conversion copies 8-bit RGB or RGBA as it is.
  bool copies() const;

 private:
  struct Transform;

  SampleLayout layout_;
  std::unique_ptr<Transform> transform_; // null: samples are sRGB, or CMYK without a profile
};

} // namespace fomo
