// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/row_assembler.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace fomo {

namespace {

/// Rows that are turned together, so that each write of a column fills a part of a cache line.
constexpr int kBlockRows = 16;

int divided(int length, int by) { return (length + by - 1) / by; }

} // namespace

void check_size(uint64_t width, uint64_t height, uint64_t most_pixels) {
  constexpr uint64_t most_side = 1 << 20;
  if (width == 0 || height == 0)
    throw std::runtime_error("it has no pixels");
  if (width > most_side || height > most_side || width * height > most_pixels)
    throw std::runtime_error("it is of " + std::to_string(width) + "x" + std::to_string(height) +
                             " pixels, more than " + std::to_string(most_pixels / 1'000'000) +
                             " million. Scale it down");
}

int reduction_for(uint64_t width, uint64_t height, int channels, size_t file_size) {
  // With the 140 MB of a process that has the built-in model: 300 MB.
  constexpr uint64_t most_bytes = 160'000'000, least_bytes = 64'000'000;
  const uint64_t pixels = width * height;
  const uint64_t left =
      std::max(least_bytes, most_bytes - std::min<uint64_t>(most_bytes, file_size));
  const auto fits = [&](uint64_t count, uint64_t most) {
    return count <= most && count * static_cast<uint64_t>(channels) <= left;
  };
  if (fits(pixels, kMostFullPixels))
    return 1;
  int reduction = 2;
  while (!fits(pixels / (static_cast<uint64_t>(reduction) * reduction), kMostReducedPixels))
    reduction *= 2;
  return reduction;
}

RowAssembler::RowAssembler(int width, int height, int channels, int reduction, int orientation)
    : width_(width), height_(height), channels_(channels), reduction_(reduction),
      orientation_(orientation), reduced_width_(divided(width, reduction)),
      reduced_height_(divided(height, reduction)) {
  const bool swapped = swaps_sides(orientation);
  picture_.width = swapped ? reduced_height_ : reduced_width_;
  picture_.height = swapped ? reduced_width_ : reduced_height_;
  picture_.channels = channels;
  const size_t row = static_cast<size_t>(reduced_width_) * channels;
  if (reduction > 1) {
    sums_.resize(row);
    reduced_.resize(row);
  }
  if (swapped)
    block_.resize(row * kBlockRows);
}

void RowAssembler::allocate() {
  if (picture_.pixels.empty())
    picture_.pixels.resize(static_cast<size_t>(picture_.width) * picture_.height * channels_);
}

void RowAssembler::add(const uint8_t* row) {
  if (rows_ == height_)
    return;
  allocate(); // a header alone takes no memory
  rows_++;
  if (reduction_ == 1) {
    place(row);
    return;
  }
  add_to_sums(row);
  if (++sum_rows_ == reduction_ || rows_ == height_)
    flush_sums();
}

void RowAssembler::add_to_sums(const uint8_t* row) {
  uint32_t* sum = sums_.data();
  for (int x = 0; x < width_; sum += channels_) {
    const int end = std::min(x + reduction_, width_);
    for (; x < end; x++, row += channels_) {
      const uint32_t weight = channels_ == 4 ? row[3] : 1;
      for (int c = 0; c < 3; c++)
        sum[c] += row[c] * weight;
      if (channels_ == 4)
        sum[3] += weight;
    }
  }
}

void RowAssembler::flush_sums() {
  for (int x = 0; x < reduced_width_; x++) {
    const int columns = std::min(reduction_, width_ - x * reduction_);
    const uint32_t count = static_cast<uint32_t>(columns) * static_cast<uint32_t>(sum_rows_);
    const uint32_t* sum = &sums_[static_cast<size_t>(x) * channels_];
    uint8_t* pixel = &reduced_[static_cast<size_t>(x) * channels_];
    const uint32_t weight = channels_ == 4 ? std::max(sum[3], 1U) : count;
    for (int c = 0; c < 3; c++)
      pixel[c] = static_cast<uint8_t>((sum[c] + weight / 2) / weight);
    if (channels_ == 4)
      pixel[3] = static_cast<uint8_t>((sum[3] + count / 2) / count);
  }
  place(reduced_.data());
  std::fill(sums_.begin(), sums_.end(), 0);
  sum_rows_ = 0;
}

/// Puts the next row of the reduced picture where it is shown.
void RowAssembler::place(const uint8_t* row) {
  const size_t bytes = static_cast<size_t>(reduced_width_) * channels_;
  if (swaps_sides(orientation_)) {
    std::memcpy(&block_[block_rows_ * bytes], row, bytes);
    placed_++;
    if (++block_rows_ == kBlockRows || placed_ == reduced_height_)
      place_block();
    return;
  }
  const bool mirrored = orientation_ == 2 || orientation_ == 3;
  const bool upside_down = orientation_ == 3 || orientation_ == 4;
  const int y = upside_down ? reduced_height_ - 1 - placed_ : placed_;
  uint8_t* to = &picture_.pixels[static_cast<size_t>(y) * bytes];
  placed_++;
  if (!mirrored) {
    std::memcpy(to, row, bytes);
    return;
  }
  for (int x = reduced_width_ - 1; x >= 0; x--, row += channels_)
    std::memcpy(to + static_cast<size_t>(x) * channels_, row, channels_);
}

/// Rows of the block become columns of the picture.
void RowAssembler::place_block() {
  const bool from_right = orientation_ == 6 || orientation_ == 7;
  const bool from_below = orientation_ == 7 || orientation_ == 8;
  const size_t bytes = static_cast<size_t>(reduced_width_) * channels_;
  const int first = placed_ - block_rows_;
  for (int x = 0; x < reduced_width_; x++) {
    const int y = from_below ? reduced_width_ - 1 - x : x;
    uint8_t* to = &picture_.pixels[static_cast<size_t>(y) * picture_.width * channels_];
    const uint8_t* from = &block_[static_cast<size_t>(x) * channels_];
    for (int i = 0; i < block_rows_; i++, from += bytes) {
      const int column = from_right ? picture_.width - 1 - (first + i) : first + i;
      std::memcpy(to + static_cast<size_t>(column) * channels_, from, channels_);
    }
  }
  block_rows_ = 0;
}

Picture RowAssembler::take() {
  if (sum_rows_ > 0)
    flush_sums();
  if (block_rows_ > 0)
    place_block();
  allocate();
  return std::move(picture_);
}

} // namespace fomo
