// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/layers.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/thread_pool.h"
#include "compose/person_layer.h"
#include "compose/smooth_step.h"
#include "compose/wide_map.h"

namespace fomo {

using compose::Lines;
using compose::ramp;
using compose::WideMap;

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

} // namespace

struct Layers::Work {
  PixelSize size;
  int channels;
  cv::Size cells, matte;
  WideMap background, gone, old_outline;
  PersonLayer person;
  cv::Mat gone_, uncovered_, reach, further, disc;
  cv::Mat changed; // CV_8U of the cells: 1 where the frame may change
  std::vector<float> none;
  struct Slot {
    std::vector<float> background, gone, old_outline, carried, covered, weight;
    std::vector<uint8_t> columns;
    PersonLayer::Slot person;
  };
  std::vector<Slot> slots;

  Work(PixelSize output, int output_channels, cv::Size field, cv::Size person_matte)
      : size(output), channels(output_channels), cells(field), matte(person_matte),
        background(field, output.width, output.height), gone(field, output.width, output.height),
        old_outline(field, output.width, output.height),
        person(output, output_channels, field, person_matte),
        none(static_cast<size_t>(3) * output.width) {
    const int across = 2 * std::max(1, cvRound(kOutline * field.width)) + 1;
    disc = cv::getStructuringElement(cv::MORPH_ELLIPSE, {across, across});
  }

  bool fits(const BackgroundPlate& plate, const MotionField& field) const {
    return size.width == plate.size().width && size.height == plate.size().height &&
           channels == plate.channels() && cells == cv::Size(field.width, field.height) &&
           matte == plate.matte().size();
  }

  /// Where the person is gone, as far as the mask agrees.
  void start(const Lines& lines, const BackgroundPlate& plate, const MotionField& field,
             const KeypointSet* keypoints) {
    const cv::Mat mask(cells, CV_32F, const_cast<float*>(field.background));
    cv::Mat visible(cells, CV_32F, const_cast<float*>(field.occlusion));
    uncovered_.create(cells, CV_32F);
    gone_.create(cells, CV_32F);
    for (int y = 0; y < cells.height; y++) {
      const auto *behind = mask.ptr<float>(y), *seen_there = visible.ptr<float>(y);
      for (int x = 0; x < cells.width; x++) {
        gone_.at<float>(y, x) = std::clamp(1 - seen_there[x], 0.0F, 1.0F);
        uncovered_.at<float>(y, x) =
            gone_.at<float>(y, x) * ramp(behind[x], kMaybeBackground, kBackground);
      }
    }
    reach_out(uncovered_, mask, plate.was_head());
    person.start(lines, plate, field, keypoints);
    changed.create(cells, CV_8U);
    for (int y = 0; y < cells.height; y++) {
      const auto *behind = mask.ptr<float>(y), *head = plate.was_head().ptr<float>(y);
      const auto* person_changed = person.changed().ptr<uint8_t>(y);
      auto* near = reach.ptr<float>(y);
      const auto* share = gone_.ptr<float>(y);
      for (int x = 0; x < cells.width; x++) {
        near[x] *= head[x];
        changed.at<uint8_t>(y, x) = person_changed[x] || (std::max(share[x], near[x]) > kNothing &&
                                                          behind[x] > kMaybeUncovered);
      }
    }
    cv::dilate(changed, changed, {}); // the curve between cells
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

  /// Changes what has to be changed of line `y`.
  void line(const Lines& lines, const BackgroundPlate& plate, int y, Slot& slot, uint8_t* out) {
    slot.columns.assign(static_cast<size_t>(cells.width) + 1, 0);
    const int first = background.first_row(y);
    for (int row = std::max(0, first); row < std::min(cells.height, first + 4); row++)
      for (int x = 0; x < cells.width; x++)
        slot.columns[x] |= changed.at<uint8_t>(row, x);
    for (int x = 0, start = -1; x <= cells.width; x++)
      if (slot.columns[x] && start < 0) {
        start = x;
      } else if (!slot.columns[x] && start >= 0) {
        part(lines, plate, y, {start * size.width / cells.width, x * size.width / cells.width},
             slot, out);
        start = -1;
      }
  }

  void part(const Lines& lines, const BackgroundPlate& plate, int y, cv::Range pixels, Slot& slot,
            uint8_t* out) {
    background.line(lines, y, pixels.start, pixels.end, slot.background.data());
    gone.line(lines, y, pixels.start, pixels.end, slot.gone.data());
    old_outline.line(lines, y, pixels.start, pixels.end, slot.old_outline.data());
    person.show(lines, plate, y, pixels, slot.person, out);
    person.cover(lines, y, pixels, slot.covered.data(), slot.carried.data());
    float* weight = slot.weight.data();
    for (int x = 0; x < pixels.size(); x++) {
      const float mask = slot.background[x];
      const float hidden = ramp(mask, kMaybeUncovered, kUncovered) * slot.gone[x];
      const float outline = ramp(mask, kMaybeBackground, kBackground) * slot.old_outline[x];
      const float uncovered = std::max(hidden, outline) * (1 - slot.covered[x]);
      const float share = std::clamp(std::max(uncovered, slot.carried[x]), 0.0F, 1.0F);
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
                        const KeypointSet* keypoints, const FomoImage& output, int threads) {
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
    work_ = std::make_unique<Work>(size, output.channels, cv::Size(field.width, field.height),
                                   plate.matte().size());
  Work& work = *work_;
  const Lines& lines = compose::best_lines();
  work.start(lines, plate, field, keypoints);
  work.slots.resize(std::max<size_t>(work.slots.size(), std::max(1, threads)));
  for (Work::Slot& slot : work.slots) {
    slot.background.resize(size.width);
    slot.gone.resize(size.width);
    slot.old_outline.resize(size.width);
    slot.carried.resize(size.width);
    slot.covered.resize(size.width);
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
