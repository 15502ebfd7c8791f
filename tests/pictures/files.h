// SPDX-License-Identifier: LGPL-2.1-or-later
// Picture files made for tests.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

namespace fomo::test {

/// A picture whose left half is red and whose right half is blue (where it has alpha: transparent),
/// 64 wide and 32 high, as a file; grey: half as bright as white.
std::vector<uint8_t> file_of(const std::string& extension, int type);

/// A picture of all colours with noise, 61 wide and 47 high: what decoders could disagree about.
std::vector<uint8_t> noisy_file(const std::string& extension, int type,
                                const std::vector<int>& settings = {});

/// Puts a chunk into a PNG file's header; its checksum is right.
void insert_chunk(std::vector<uint8_t>& png, const std::string& type,
                  const std::vector<uint8_t>& body);

/// Sets the checksum of a PNG file's header anew.
void set_header_checksum(std::vector<uint8_t>& png);

/// A CMYK JPEG as printers' programs write it (Adobe's marker, all four inverted), 32 wide and 16
/// high, in one colour of 0 (much ink) to 255 (none).
std::vector<uint8_t> cmyk_file(uint8_t cyan, uint8_t magenta, uint8_t yellow, uint8_t black);

/// A JPEG file of one colour: RGB, or CMYK as in cmyk_file().
std::vector<uint8_t> even_jpeg(int width, int height, const std::vector<uint8_t>& colour,
                               bool progressive = false);

/// A TIFF header with one entry, the orientation: an EXIF block without "Exif\0\0".
std::vector<uint8_t> exif_block(int orientation);

/// Puts marker APPn into a JPEG file.
void insert_marker(std::vector<uint8_t>& jpeg, int number, const std::string& label,
                   const std::vector<uint8_t>& body);

/// An ICC profile of Display P3, as phones use it.
std::vector<uint8_t> display_p3_profile();

/// Puts an ICC profile into a PNG file's header.
void insert_profile(std::vector<uint8_t>& png, const std::vector<uint8_t>& profile);

/// The tags of a TIFF file, in libtiff's numbers.
struct TiffSettings {
  int width = 0, height = 0;
  int bits = 8, count = 3;
  int format = 1;      ///< of samples: 1 unsigned, 3 floating point
  int photometric = 2; ///< 0 white is 0, 1 black is 0, 2 RGB, 5 CMYK
  int extra = -1;      ///< of the last sample: 0 unnamed, 1 premultiplied alpha, 2 straight alpha
  int planes = 1;      ///< 1 samples together, 2 planes apart
  int tile = 0;        ///< side of a tile; 0: strips of five rows
  int orientation = 1;
  std::vector<uint8_t> icc;
};

/// A TIFF file; `samples` as it stores them, whole rows or, apart, whole planes.
std::vector<uint8_t> tiff_file(const TiffSettings& settings, const void* samples);

/// Makes a simple WebP file an extended one with a chunk "ICCP" or "EXIF".
void wrap_webp(std::vector<uint8_t>& webp, bool alpha, int width, int height, const char* name,
               const std::vector<uint8_t>& body);

/// An animated WebP file of simple ones, each in the middle of the canvas with `offset` (even)
/// pixels around it.
std::vector<uint8_t> animated_webp(int side, const std::vector<std::vector<uint8_t>>& frames,
                                   int offset);

} // namespace fomo::test
