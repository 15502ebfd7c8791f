// SPDX-License-Identifier: LGPL-2.1-or-later
// BMP files: palettes (also run-length encoded), 16, 24 and 32 bits a pixel.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "pictures/decoders.h"
#include "pictures/row_assembler.h"

namespace fomo {

namespace {

constexpr uint32_t kRgb = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3, kAlphaBitFields = 6;

/// A channel of a pixel of 16 or 32 bits.
struct Channel {
  uint32_t mask = 0;

  uint8_t of(uint32_t pixel) const {
    if (mask == 0)
      return 0;
    const int shift = __builtin_ctz(mask);
    const uint64_t most = mask >> shift;
    return static_cast<uint8_t>((((pixel & mask) >> shift) * 255 + most / 2) / most);
  }
};

class BmpReader {
 public:
  explicit BmpReader(const PictureBytes& file) : file_(file) { read_header(); }

  Picture read();

 private:
  uint32_t number(size_t at, int bytes) const {
    if (at > file_.size || file_.size - at < static_cast<size_t>(bytes))
      throw std::runtime_error("it is cut short");
    uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
      value = value << 8 | file_.data[at + static_cast<size_t>(i)];
    return value;
  }
  void read_header();
  void read_masks(size_t header, uint32_t header_size);
  void read_palette(size_t at, int entry_bytes, uint32_t count);
  void read_row(int stored, uint8_t* rgb) const;
  void decode_runs();

  PictureBytes file_;
  int width_ = 0, height_ = 0, bits_ = 0, channels_ = 3;
  bool from_top_ = false;
  uint32_t compression_ = kRgb;
  size_t pixels_ = 0; ///< where they begin in the file
  Channel red_, green_, blue_, alpha_;
  std::vector<std::array<uint8_t, 3>> palette_;
  std::vector<uint8_t> indices_; ///< of a run-length encoded file, rows as stored
};

void BmpReader::read_header() {
  constexpr uint32_t old_header = 12;
  pixels_ = number(10, 4);
  const uint32_t header = number(14, 4);
  const bool old = header == old_header;
  if (!old && header < 40)
    throw std::runtime_error("its header is of an unknown kind");
  const auto width = static_cast<int32_t>(old ? number(18, 2) : number(18, 4));
  const auto height = static_cast<int32_t>(old ? number(20, 2) : number(22, 4));
  bits_ = static_cast<int>(old ? number(24, 2) : number(28, 2));
  compression_ = old ? kRgb : number(30, 4);
  from_top_ = height < 0;
  check_size(width < 0 ? 0 : static_cast<uint64_t>(width),
             static_cast<uint64_t>(std::abs(int64_t{height})));
  width_ = width;
  height_ = std::abs(height);
  const bool palette = bits_ == 1 || bits_ == 4 || bits_ == 8;
  const bool runs = (compression_ == kRle8 && bits_ == 8) || (compression_ == kRle4 && bits_ == 4);
  const bool direct = bits_ == 16 || bits_ == 24 || bits_ == 32;
  const bool masks = (compression_ == kBitFields || compression_ == kAlphaBitFields) &&
                     (bits_ == 16 || bits_ == 32);
  if (!(palette && (compression_ == kRgb || runs)) && !(direct && (compression_ == kRgb || masks)))
    throw std::runtime_error("it has " + std::to_string(bits_) + " bits a pixel in compression " +
                             std::to_string(compression_) + ", which BMP files do not have");
  if (palette) {
    const uint32_t most = 1U << bits_, said = old ? 0 : number(46, 4);
    read_palette(14 + header, old ? 3 : 4, said == 0 || said > most ? most : said);
  } else if (bits_ != 24) {
    read_masks(14, header);
  }
}

void BmpReader::read_masks(size_t header, uint32_t header_size) {
  constexpr uint32_t with_alpha_mask = 56;
  red_.mask = bits_ == 16 ? 0x7c00 : 0xff0000;
  green_.mask = bits_ == 16 ? 0x03e0 : 0xff00;
  blue_.mask = bits_ == 16 ? 0x001f : 0xff;
  if (compression_ == kRgb)
    return; // the fourth byte means nothing
  red_.mask = number(header + 40, 4);
  green_.mask = number(header + 44, 4);
  blue_.mask = number(header + 48, 4);
  if (header_size >= with_alpha_mask || compression_ == kAlphaBitFields)
    alpha_.mask = number(header + 52, 4);
  channels_ = alpha_.mask ? 4 : 3;
}

void BmpReader::read_palette(size_t at, int entry_bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++, at += static_cast<size_t>(entry_bytes)) {
    if (at + 3 > file_.size)
      throw std::runtime_error("it is cut short");
    palette_.push_back({file_.data[at + 2], file_.data[at + 1], file_.data[at]});
  }
}

/// Indices of a run-length encoded file. What runs leave out is of index 0.
void BmpReader::decode_runs() {
  indices_.resize(static_cast<size_t>(width_) * height_);
  size_t at = pixels_;
  int x = 0, y = 0;
  const auto set = [&](uint8_t index) {
    if (x < width_ && y < height_)
      indices_[static_cast<size_t>(y) * width_ + x++] = index;
  };
  while (y < height_) {
    const uint32_t count = number(at, 1), value = number(at + 1, 1);
    at += 2;
    if (count > 0) {
      for (uint32_t i = 0; i < count; i++)
        set(static_cast<uint8_t>(bits_ == 8 ? value : (i % 2 == 0 ? value >> 4 : value & 15)));
    } else if (value == 0) {
      x = 0;
      y++;
    } else if (value == 1) {
      return;
    } else if (value == 2) {
      x = std::min(width_, x + static_cast<int>(number(at, 1)));
      y += static_cast<int>(number(at + 1, 1));
      at += 2;
    } else {
      for (uint32_t i = 0; i < value; i++) {
        const uint32_t byte = number(at + (bits_ == 8 ? i : i / 2), 1);
        set(static_cast<uint8_t>(bits_ == 8 ? byte : (i % 2 == 0 ? byte >> 4 : byte & 15)));
      }
      const uint32_t bytes = bits_ == 8 ? value : (value + 1) / 2;
      at += bytes + bytes % 2;
    }
  }
}

/// Row `stored` of the file, counted from its first.
void BmpReader::read_row(int stored, uint8_t* to) const {
  if (!indices_.empty()) {
    for (int x = 0; x < width_; x++, to += 3) {
      const size_t index = indices_[static_cast<size_t>(stored) * width_ + x];
      std::memcpy(to, palette_[std::min(index, palette_.size() - 1)].data(), 3);
    }
    return;
  }
  const size_t row_bytes = (static_cast<size_t>(width_) * bits_ + 31) / 32 * 4;
  const size_t start = pixels_ + row_bytes * static_cast<size_t>(stored);
  if (start > file_.size || file_.size - start < (static_cast<size_t>(width_) * bits_ + 7) / 8)
    throw std::runtime_error("it is cut short");
  const uint8_t* row = file_.data + start;
  for (int x = 0; x < width_; x++, to += channels_) {
    if (bits_ == 24) {
      to[0] = row[3 * x + 2];
      to[1] = row[3 * x + 1];
      to[2] = row[3 * x];
    } else if (bits_ > 8) {
      uint32_t pixel = row[bits_ / 8 * x] | uint32_t{row[bits_ / 8 * x + 1]} << 8;
      if (bits_ == 32)
        pixel |= uint32_t{row[4 * x + 2]} << 16 | uint32_t{row[4 * x + 3]} << 24;
      to[0] = red_.of(pixel);
      to[1] = green_.of(pixel);
      to[2] = blue_.of(pixel);
      if (channels_ == 4)
        to[3] = alpha_.of(pixel);
    } else {
      const int in_byte = 8 / bits_;
      const int shift = 8 - bits_ * (x % in_byte + 1);
      const size_t index = row[x / in_byte] >> shift & ((1 << bits_) - 1);
      std::memcpy(to, palette_[std::min(index, palette_.size() - 1)].data(), 3);
    }
  }
}

Picture BmpReader::read() {
  if (compression_ == kRle8 || compression_ == kRle4) {
    if (uint64_t(width_) * height_ > kMostFullPixels)
      throw std::runtime_error("it is run-length encoded and of more than 40 million pixels");
    decode_runs();
  }
  // Rows are stored from the bottom, unless the height is negative.
  RowAssembler assembler(width_, height_, channels_,
                         reduction_for(width_, height_, channels_, file_.size + indices_.size()),
                         from_top_ ? kUpright : 4);
  std::vector<uint8_t> row(static_cast<size_t>(width_) * channels_);
  for (int stored = 0; stored < height_; stored++) {
    read_row(stored, row.data());
    assembler.add(row.data());
  }
  return assembler.take();
}

} // namespace

Picture decode_bmp(const PictureBytes& file) { return BmpReader(file).read(); }

} // namespace fomo
