// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mark/pattern.h"

#include <opencv2/imgproc.hpp>

namespace fomo {

namespace {

// The mark's key. It is public: whoever knows it can find the mark, and remove it.
constexpr uint64_t kKey = 0x666f6d6f6d61726bULL; // "fomomark"

/// splitmix64: the same numbers with every compiler and library.
uint64_t hash(uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

cv::Mat blurred(const cv::Mat& tile, double sigma) {
  const int margin = static_cast<int>(4 * sigma) + 1;
  cv::Mat wide, result;
  cv::copyMakeBorder(tile, wide, margin, margin, margin, margin, cv::BORDER_WRAP);
  cv::GaussianBlur(wide, result, {}, sigma);
  return result({margin, margin, tile.cols, tile.rows}).clone();
}

MarkTile make_tile() {
  MarkTile tile;
  for (int y = 0; y < kTileChips; y++)
    for (int x = 0; x < kTileChips; x++) {
      const uint64_t drawn = hash(kKey ^ static_cast<uint64_t>(y * kTileChips + x));
      tile.sign[y][x] = drawn & 1 ? 1 : -1;
      tile.code[y][x] = static_cast<uint8_t>(drawn >> 8 & (kCodeLength - 1));
    }
  return tile;
}

} // namespace

const MarkTile& MarkTile::get() {
  static const MarkTile tile = make_tile();
  return tile;
}

int chip_size(int shorter_side) { return shorter_side < 720 ? 4 : shorter_side < 1080 ? 6 : 8; }

cv::Mat chips_of(uint8_t bits) {
  const MarkTile& tile = MarkTile::get();
  const auto code = codeword(bits);
  cv::Mat chips(kTileChips, kTileChips, CV_32F);
  for (int y = 0; y < kTileChips; y++)
    for (int x = 0; x < kTileChips; x++)
      chips.at<float>(y, x) = static_cast<float>(tile.sign[y][x] * code[tile.code[y][x]]);
  return chips;
}

cv::Mat pattern_of(uint8_t bits, int chip) {
  cv::Mat chips;
  cv::resize(chips_of(bits), chips, {}, chip, chip, cv::INTER_NEAREST);
  // Low frequencies are where the eye sees most and pictures have most energy.
  const cv::Mat smooth = blurred(chips, 0.45 * chip);
  cv::Mat pattern = smooth - blurred(smooth, 1.6 * chip);
  pattern -= cv::mean(pattern)[0];
  pattern /= cv::norm(pattern) / std::sqrt(static_cast<double>(pattern.total()));
  return pattern;
}

} // namespace fomo
