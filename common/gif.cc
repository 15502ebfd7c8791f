// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/gif.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace fomo {

namespace {

constexpr int kMostPixels = 8192; // of a side
constexpr int kMostCodes = 4096;

/// Bytes from the beginning to the end; nothing beyond it is read.
class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : next_(data), left_(size) {}

  int byte() { return *take(1); }
  int word() {
    const uint8_t* bytes = take(2);
    return bytes[0] | bytes[1] << 8;
  }
  const uint8_t* take(size_t count) {
    if (count > left_)
      throw std::runtime_error("it is cut off");
    const uint8_t* taken = next_;
    next_ += count;
    left_ -= count;
    return taken;
  }
  /// Blocks of up to 255 bytes in a row, as one.
  std::vector<uint8_t> blocks() {
    std::vector<uint8_t> all;
    while (const int size = byte()) {
      const uint8_t* block = take(static_cast<size_t>(size));
      all.insert(all.end(), block, block + size);
    }
    return all;
  }

 private:
  const uint8_t* next_;
  size_t left_;
};

struct Palette {
  const uint8_t* colours = nullptr; ///< r, g, b; null: there is none
  int count = 0;

  /// `flags` of the screen or the image that may have one.
  void read(Bytes& bytes, int flags) {
    if (!(flags & 0x80))
      return;
    count = 2 << (flags & 7);
    colours = bytes.take(static_cast<size_t>(3 * count));
  }
};

struct Frame {
  int left, top, width, height;
  bool interlaced;
  Palette palette;
  std::vector<uint8_t> indices; ///< of colours, row by row as stored
};

/// Undoes the compression of Lempel, Ziv and Welch: each code stands for a known row of values, and
/// makes known that of the code before and the first value of its own.
class Unpacker {
 public:
  explicit Unpacker(int bits) : clear_(1 << bits), first_bits_(bits + 1) {
    if (bits < 1 || bits > 8)
      throw std::runtime_error("its compression is unknown");
    for (int i = 0; i < clear_; i++)
      last_[i] = static_cast<uint8_t>(i);
    reset();
  }

  /// Up to `count` values.
  std::vector<uint8_t> unpack(const std::vector<uint8_t>& data, size_t count) {
    std::vector<uint8_t> values;
    uint32_t pool = 0;
    int pooled = 0;
    for (size_t i = 0; i < data.size() && values.size() < count;) {
      while (pooled < bits_ && i < data.size()) {
        pool |= static_cast<uint32_t>(data[i++]) << pooled;
        pooled += 8;
      }
      while (pooled >= bits_ && values.size() < count) {
        const int code = static_cast<int>(pool & ((1U << bits_) - 1));
        pool >>= bits_;
        pooled -= bits_;
        if (code == clear_ + 1)
          return values;
        if (code == clear_)
          reset();
        else
          add(code, values);
      }
    }
    values.resize(std::min(values.size(), count));
    return values;
  }

 private:
  void reset() {
    known_ = clear_ + 2;
    bits_ = first_bits_;
    before_ = -1;
  }

  void add(int code, std::vector<uint8_t>& values) {
    if (code > known_ || (code == known_ && before_ < 0) || (before_ < 0 && code >= clear_))
      throw std::runtime_error("its compressed data make no sense");
    const bool repeats = code == known_; // the row before and its own first value
    const size_t start = values.size();
    for (int c = repeats ? before_ : code; c >= 0; c = c < clear_ ? -1 : prefix_[c])
      values.push_back(last_[c]);
    std::reverse(values.begin() + static_cast<ptrdiff_t>(start), values.end());
    const uint8_t first = values[start];
    if (repeats)
      values.push_back(first);
    if (before_ >= 0 && known_ < kMostCodes) {
      prefix_[known_] = before_;
      last_[known_++] = first;
      if (known_ == 1 << bits_ && bits_ < 12)
        bits_++;
    }
    before_ = code;
  }

  int clear_, first_bits_;
  int known_ = 0, bits_ = 0, before_ = -1;
  int prefix_[kMostCodes] = {};
  uint8_t last_[kMostCodes] = {};
};

Frame read_frame(Bytes& bytes, const Palette& shared) {
  Frame frame{bytes.word(), bytes.word(), bytes.word(), bytes.word(), false, shared, {}};
  const int flags = bytes.byte();
  frame.interlaced = (flags & 0x40) != 0;
  frame.palette.read(bytes, flags);
  if (!frame.palette.colours)
    throw std::runtime_error("it has no colours");
  Unpacker unpacker(bytes.byte());
  const size_t count = static_cast<size_t>(frame.width) * frame.height;
  frame.indices = unpacker.unpack(bytes.blocks(), count);
  if (frame.indices.size() != count)
    throw std::runtime_error("its first frame is cut off");
  return frame;
}

/// Which row of the frame is stored as number `stored`.
std::vector<int> row_order(const Frame& frame) {
  std::vector<int> rows;
  const int passes[][2] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};
  if (frame.interlaced)
    for (const auto& [first, step] : passes)
      for (int y = first; y < frame.height; y += step)
        rows.push_back(y);
  else
    for (int y = 0; y < frame.height; y++)
      rows.push_back(y);
  return rows;
}

/// `transparent`: index of the colour that shows what is behind; -1: none.
Picture on_canvas(const Frame& frame, int width, int height, int transparent) {
  Picture picture{width, height, 4, std::vector<uint8_t>(static_cast<size_t>(width) * height * 4)};
  const std::vector<int> rows = row_order(frame);
  for (int stored = 0; stored < frame.height; stored++) {
    const int y = frame.top + rows[static_cast<size_t>(stored)];
    for (int i = 0; i < frame.width && y < height; i++) {
      const int index = frame.indices[static_cast<size_t>(stored) * frame.width + i];
      const int x = frame.left + i;
      if (x >= width || index == transparent || index >= frame.palette.count)
        continue;
      uint8_t* pixel = &picture.pixels[(static_cast<size_t>(y) * width + x) * 4];
      std::memcpy(pixel, frame.palette.colours + 3 * index, 3);
      pixel[3] = 255;
    }
  }
  return picture;
}

Picture without_idle_alpha(Picture picture) {
  const size_t count = picture.pixels.size() / 4;
  for (size_t i = 0; i < count; i++)
    if (picture.pixels[4 * i + 3] != 255)
      return picture;
  for (size_t i = 0; i < count; i++)
    std::memmove(&picture.pixels[3 * i], &picture.pixels[4 * i], 3);
  picture.pixels.resize(3 * count);
  picture.channels = 3;
  return picture;
}

} // namespace

bool is_gif(const uint8_t* data, size_t size) {
  return size >= 6 && (std::memcmp(data, "GIF87a", 6) == 0 || std::memcmp(data, "GIF89a", 6) == 0);
}

Picture decode_gif(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  bytes.take(6);
  const int width = bytes.word(), height = bytes.word();
  if (width < 1 || height < 1 || width > kMostPixels || height > kMostPixels)
    throw std::runtime_error("it is of " + std::to_string(width) + "x" + std::to_string(height) +
                             " pixels");
  const int flags = bytes.byte();
  bytes.take(2); // background colour and pixel aspect ratio, which nobody heeds
  Palette palette;
  palette.read(bytes, flags);
  int transparent = -1;
  for (;;) {
    constexpr int extension = 0x21, control = 0xf9, image = 0x2c;
    const int kind = bytes.byte();
    if (kind == image)
      return without_idle_alpha(on_canvas(read_frame(bytes, palette), width, height, transparent));
    if (kind != extension)
      throw std::runtime_error("there is no frame in it");
    const int label = bytes.byte();
    const std::vector<uint8_t> body = bytes.blocks();
    if (label == control && body.size() >= 4)
      transparent = (body[0] & 1) ? body[3] : -1;
  }
}

} // namespace fomo
