// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/layers.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/thread_pool.h"
#include "compose/axis.h"

namespace fomo {

using compose::FourTaps;
using compose::Lines;

namespace {

/// Of the background mask: from here on a place may be background, and here it is.
constexpr float kMaybeBackground = 0.35F, kBackground = 0.75F;
/// The same of what is hidden, which only the generator or the plate can show.
constexpr float kMaybeUncovered = 0.15F, kUncovered = 0.5F;
/// Where the mask is as sure as this, what has moved away is not shown even far from what is
/// hidden.
constexpr float kSurelyBackground = 0.8F, kCertainlyBackground = 0.95F;
/// Of the field's width: how far the old outline lies from what is hidden.
constexpr double kOutline = 0.055;
/// Less of the plate than this is not seen.
constexpr float kNothing = 1 / 512.0F;

float ramp(float x, float from, float to) {
  return std::clamp((x - from) / (to - from), 0.0F, 1.0F);
}

/// A map of the field's cells at another size, line by line.
class WideMap {
 public:
  WideMap(cv::Size cells, int width, int height)
      : across_(cells.width, width, FourTaps::Curve::cubic),
        down_(cells.height, height, FourTaps::Curve::cubic), padded_(cells.width + 4),
        rows_(static_cast<size_t>(cells.height + 4) * width), width_(width), cells_(cells) {}

  void start(const Lines& lines, const cv::Mat& map) {
    for (int y = -2; y < cells_.height + 2; y++) {
      const auto* in = map.ptr<float>(std::clamp(y, 0, cells_.height - 1));
      for (int x = -2; x < cells_.width + 2; x++)
        padded_[x + 2] = in[std::clamp(x, 0, cells_.width - 1)];
      across_.run(lines, padded_.data(), rows_.data() + static_cast<size_t>(y + 2) * width_);
    }
  }
  /// Pixels [first, last) of line `y`.
  void line(const Lines& lines, int y, int first, int last, float* out) const {
    const float* taps[4];
    for (int k = 0; k < 4; k++)
      taps[k] = rows_.data() + static_cast<size_t>(down_.first(y) + k) * width_ + first;
    lines.combine(out, taps, down_.weights(y), 4, last - first);
  }
  /// Rows of cells that line `y` looks at.
  int first_row(int y) const { return down_.first(y) - 2; }

 private:
  FourTaps across_, down_;
  std::vector<float> padded_, rows_;
  int width_;
  cv::Size cells_;
};

} // namespace

struct Layers::Work {
  PixelSize size;
  int channels;
  cv::Size cells;
  WideMap background, gone, old_outline;
  cv::Mat gone_, uncovered, reach, further, disc;
  std::vector<cv::Range> seen; // columns of cells that show some of the plate, for each row
  std::vector<float> none;
  struct Slot {
    std::vector<float> background, gone, old_outline, weight;
  };
  std::vector<Slot> slots;

  Work(PixelSize output, int output_channels, cv::Size field)
      : size(output), channels(output_channels), cells(field),
        background(field, output.width, output.height), gone(field, output.width, output.height),
        old_outline(field, output.width, output.height), seen(field.height),
        none(static_cast<size_t>(3) * output.width) {
    const int across = 2 * std::max(1, cvRound(kOutline * field.width)) + 1;
    disc = cv::getStructuringElement(cv::MORPH_ELLIPSE, {across, across});
  }

  bool fits(const BackgroundPlate& plate, const MotionField& field) const {
    return size.width == plate.size().width && size.height == plate.size().height &&
           channels == plate.channels() && cells == cv::Size(field.width, field.height);
  }

  /// Where the person is gone, as far as the mask agrees.
  void start(const Lines& lines, const BackgroundPlate& plate, const MotionField& field) {
    const cv::Mat mask(cells, CV_32F, const_cast<float*>(field.background));
    cv::Mat visible(cells, CV_32F, const_cast<float*>(field.occlusion));
    uncovered.create(cells, CV_32F);
    gone_.create(cells, CV_32F);
    for (int y = 0; y < cells.height; y++) {
      const auto *behind = mask.ptr<float>(y), *seen_there = visible.ptr<float>(y);
      for (int x = 0; x < cells.width; x++) {
        gone_.at<float>(y, x) = std::clamp(1 - seen_there[x], 0.0F, 1.0F);
        uncovered.at<float>(y, x) =
            gone_.at<float>(y, x) * ramp(behind[x], kMaybeBackground, kBackground);
      }
    }
    reach_out(uncovered, mask, plate.was_head());
    for (int y = 0; y < cells.height; y++) {
      const auto *behind = mask.ptr<float>(y), *head = plate.was_head().ptr<float>(y);
      auto* near = reach.ptr<float>(y);
      const auto* share = gone_.ptr<float>(y);
      seen[y] = {cells.width, 0};
      for (int x = 0; x < cells.width; x++) {
        near[x] *= head[x];
        if (std::max(share[x], near[x]) > kNothing && behind[x] > kMaybeUncovered)
          seen[y] = {std::min(seen[y].start, x), x + 1};
      }
    }
    background.start(lines, mask);
    gone.start(lines, gone_);
    old_outline.start(lines, reach);
  }

  /// From what is uncovered over the old outline, and once more along what was the head where the
  /// mask is sure of the background.
  void reach_out(const cv::Mat& from, const cv::Mat& mask, const cv::Mat& head) {
    cv::dilate(from, reach, disc);
    further = reach.clone();
    for (int y = 0; y < cells.height; y++)
      for (int x = 0; x < cells.width; x++)
        further.at<float>(y, x) *=
            head.at<float>(y, x) *
            ramp(mask.at<float>(y, x), kSurelyBackground, kCertainlyBackground);
    cv::dilate(further, further, disc);
    for (int y = 0; y < cells.height; y++)
      for (int x = 0; x < cells.width; x++)
        reach.at<float>(y, x) =
            std::max(reach.at<float>(y, x),
                     further.at<float>(y, x) *
                         ramp(mask.at<float>(y, x), kSurelyBackground, kCertainlyBackground));
    cv::blur(reach, reach, {3, 3}, {-1, -1}, cv::BORDER_REPLICATE);
  }

  /// Pixels of line `y` that show some of the plate.
  cv::Range seen_in(int y) const {
    cv::Range columns(cells.width, 0);
    const int first = background.first_row(y);
    for (int row = std::max(0, first); row < std::min(cells.height, first + 4); row++)
      columns = {std::min(columns.start, seen[row].start), std::max(columns.end, seen[row].end)};
    if (columns.start >= columns.end)
      return {0, 0};
    constexpr int taps = 2; // of the curve between cells
    return {std::max(0, (columns.start - taps) * size.width / cells.width),
            std::min(size.width, (columns.end + taps) * size.width / cells.width + 1)};
  }

  void line(const Lines& lines, const BackgroundPlate& plate, int y, Slot& slot, uint8_t* out) {
    const cv::Range pixels = seen_in(y);
    if (pixels.empty())
      return;
    background.line(lines, y, pixels.start, pixels.end, slot.background.data());
    gone.line(lines, y, pixels.start, pixels.end, slot.gone.data());
    old_outline.line(lines, y, pixels.start, pixels.end, slot.old_outline.data());
    float* weight = slot.weight.data();
    for (int x = 0; x < pixels.size(); x++) {
      const float mask = slot.background[x];
      const float hidden = ramp(mask, kMaybeUncovered, kUncovered) * slot.gone[x];
      const float outline = ramp(mask, kMaybeBackground, kBackground) * slot.old_outline[x];
      const float share = std::clamp(std::max(hidden, outline), 0.0F, 1.0F);
      for (int c = 0; c < channels; c++)
        weight[channels * x + c] = share;
    }
    out += ptrdiff_t{channels} * pixels.start;
    const uint8_t* behind = plate.line(y) + ptrdiff_t{channels} * pixels.start;
    const auto lay = channels == 4 ? lines.paste_straight : lines.paste;
    lay(out, out, behind, none.data(), weight, 1, pixels.size());
  }
};

Layers::Layers() = default;
Layers::~Layers() = default;
Layers::Layers(Layers&&) noexcept = default;
Layers& Layers::operator=(Layers&&) noexcept = default;

void Layers::operator()(const BackgroundPlate& plate, const MotionField& field,
                        const FomoImage& output, int threads) {
  if (!field.background || !field.occlusion || !field.deformation)
    return;
  const PixelSize size = plate.size();
  if (output.width != size.width || output.height != size.height ||
      output.channels != plate.channels() ||
      cv::Size(field.width, field.height) != plate.was_head().size())
    throw Error(FOMO_SETTINGS,
                "A frame of " + std::to_string(output.width) + "x" + std::to_string(output.height) +
                    " was given for a background plate of " + std::to_string(size.width) + "x" +
                    std::to_string(size.height) + ". Prepare the picture for that size.");
  if (!work_ || !work_->fits(plate, field))
    work_ = std::make_unique<Work>(size, output.channels, cv::Size(field.width, field.height));
  Work& work = *work_;
  const Lines& lines = compose::best_lines();
  work.start(lines, plate, field);
  work.slots.resize(std::max<size_t>(work.slots.size(), std::max(1, threads)));
  for (Work::Slot& slot : work.slots) {
    slot.background.resize(size.width);
    slot.gone.resize(size.width);
    slot.old_outline.resize(size.width);
    slot.weight.resize(static_cast<size_t>(size.width) * output.channels);
  }
  constexpr int kBlock = 16;
  const int blocks = (size.height + kBlock - 1) / kBlock;
  ThreadPool::instance().parallel_for(blocks, std::max(1, threads), [&](int block, int slot) {
    for (int y = block * kBlock; y < std::min(size.height, (block + 1) * kBlock); y++)

      work.line(lines, plate, y, work.slots[slot], output.data + y * output.stride);
  });
}

} // namespace fomo
