// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mark/pixel_mark.h"

#include <algorithm>
#include <cmath>

#include "mark/lines.h"
#include "mark/pattern.h"

namespace fomo {

namespace {

// Levels of RMS: in flat parts, for each level of mean difference, and at most. Chosen so that the
// detector reads one frame of 256x256 pixels at crf 35, see tests/pipelines/mark_survival.sh.
constexpr double kLeast = 0.9, kSlope = 0.12, kMost = 1.7;

int fixed(double levels) {
  return static_cast<int>(std::lround(levels * (1 << mark::kStrengthBits)));
}
const mark::Strength kStrength = {fixed(kLeast), fixed(kSlope), fixed(kMost)};

} // namespace

void PixelMark::prepare(int chip, int channels, uint8_t bits) {
  if (chip == chip_ && channels == channels_ && bits == bits_ && !pattern_.empty())
    return;
  cv::Mat tile;
  pattern_of(bits, chip).convertTo(tile, CV_8S, 1 << mark::kPatternBits);
  std::vector<int8_t> pattern(tile.total() * channels);
  for (size_t i = 0; i < tile.total(); i++)
    for (int c = 0; c < 3; c++)
      pattern[i * channels + c] = tile.ptr<int8_t>()[i];
  pattern_ = std::move(pattern);
  chip_ = chip;
  channels_ = channels;
  bits_ = bits;
}

void PixelMark::operator()(const FomoImage& frame, const MarkPayload& payload) {
  prepare(chip_size(std::min(frame.width, frame.height)), frame.channels, payload_bits(payload));
  const int tile = kTileChips * chip_;
  const mark::Lines& lines = mark::lines_of(isa_);
  for (int y = 0; y < frame.height; y += mark::kBlock)
    lines.mark_blocks(frame.data + y * frame.stride, frame.stride, frame.width,
                      std::min(mark::kBlock, frame.height - y), frame.channels,
                      pattern_.data() + size_t(y % tile) * tile * frame.channels, tile, kStrength);
}

} // namespace fomo
