// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mark/mark_detector.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "mark/pattern.h"

namespace fomo {

namespace {

constexpr double kFalseAlarms = 1e-6;
constexpr int kPhases = 2; // samples for each chip, in x and y
constexpr int kTileSamples = kTileChips * kPhases;
constexpr int kSegmentFrames = 32;
constexpr double kLeastChip = 1.8, kMostChip = 32; // pixels
constexpr double kLeastFactor = 0.45;              // of scaling
constexpr int kLeastSide = 64;                     // pixels
constexpr int kLeastChips = 12;                    // along the longer side of a frame

/// The smallest chip that a frame with such a shorter side may have, if its original was scaled by
/// kLeastFactor or more.
double least_chip(int shorter_side) {
  double least = kMostChip;
  for (double factor = kLeastFactor; factor <= 2.5; factor += 0.05)
    least = std::min(least, factor * chip_size(static_cast<int>(shorter_side / factor)));
  return std::max(least, kLeastChip);
}

/// The chips that the detector correlates with: those of one payload.
struct Template {
  uint8_t bits;
  bool mirrored;
  cv::Mat spectrum;
};

std::vector<Template> make_templates() {
  std::vector<Template> templates;
  for (int bits = 0; bits < 256; bits++) {
    if (!payload_of(static_cast<uint8_t>(bits)))
      continue;
    cv::Mat chips = chips_of(static_cast<uint8_t>(bits)), spectrum;
    for (const bool mirrored : {false, true}) {
      if (mirrored)
        cv::flip(chips, chips, 1);
      cv::dft(chips, spectrum);
      templates.push_back({static_cast<uint8_t>(bits), mirrored, spectrum.clone()});
    }
  }
  return templates;
}

/// The chips of one phase of a tile.
cv::Mat phase_of(const cv::Mat& tile, int phase_x, int phase_y) {
  cv::Mat chips(kTileChips, kTileChips, CV_32F);
  for (int y = 0; y < kTileChips; y++)
    for (int x = 0; x < kTileChips; x++)
      chips.at<float>(y, x) = tile.at<float>(kPhases * y + phase_y, kPhases * x + phase_x);
  return chips;
}

} // namespace

MarkDetector::MarkDetector(int width, int height) : size_(width, height) {
  const int longer = std::max(width, height), shorter = std::min(width, height);
  if (shorter < kLeastSide)
    return;
  // One sample more or less along the longer side moves the outermost chips by a quarter of a chip
  // from the middle. Where there are many chips every second size is enough.
  const int most = static_cast<int>(kPhases * longer / least_chip(shorter));
  const int least = std::max(kPhases * kLeastChips, static_cast<int>(kPhases * longer / kMostChip));
  for (int samples = least; samples <= most; samples += samples < 512 ? 1 : 2) {
    const double ratio = static_cast<double>(samples) / longer;
    scales_.push_back({{std::max(1, static_cast<int>(std::lround(width * ratio))),
                        std::max(1, static_cast<int>(std::lround(height * ratio)))},
                       kPhases / ratio,
                       cv::Mat::zeros(kTileSamples, kTileSamples, CV_32F)});
  }
}

void MarkDetector::add(const cv::Mat& luma) {
  if (scales_.empty())
    return;
  if (sum_.empty())
    sum_ = cv::Mat::zeros(size_, CV_32F);
  cv::accumulate(luma, sum_);
  if (++frames_ == kSegmentFrames)
    finish_segment();
}

void MarkDetector::finish_segment() {
  if (frames_ == 0)
    return;
  const cv::Mat mean = sum_ / frames_;
  for (Scale& scale : scales_)
    examine(scale, mean);
  sum_.setTo(0);
  frames_ = 0;
}

/// Adds the segment's picture to the tile of one scale. What varies little counts more.
void MarkDetector::examine(Scale& scale, const cv::Mat& mean) const {
  cv::Mat samples, low, energy, values;
  cv::resize(mean, samples, scale.samples, 0, 0, cv::INTER_AREA);
  cv::GaussianBlur(samples, low, {}, 0.6 * kPhases);
  samples -= low;
  cv::multiply(samples, samples, energy);
  cv::blur(energy, energy, {9, 9});
  constexpr double noise = 0.3; // square levels
  energy += noise;
  cv::divide(samples, energy, values);
  const cv::Vec4f chip(0.15F, 1, 1, 0.15F);
  cv::sepFilter2D(values, values, CV_32F, chip, chip, {-1, -1}, 0, cv::BORDER_CONSTANT);
  for (int y = 0; y < values.rows; y++) {
    const float* from = values.ptr<float>(y);
    float* to = scale.tile.ptr<float>(y % kTileSamples);
    for (int x = 0; x < values.cols; x++)
      to[x % kTileSamples] += from[x];
  }
}

MarkFinding MarkDetector::result() {
  finish_segment();
  static const std::vector<Template> templates = make_templates();
  const double tried = static_cast<double>(kPhases * kPhases * kTileChips * kTileChips *
                                           templates.size() * std::max<size_t>(scales_.size(), 1));
  MarkFinding finding;
  finding.threshold = std::sqrt(2 * std::log(tried / kFalseAlarms));
  for (const Scale& scale : scales_)
    for (int phase = 0; phase < kPhases * kPhases; phase++) {
      const cv::Mat chips = phase_of(scale.tile, phase % kPhases, phase / kPhases);
      const double norm = cv::norm(chips);
      if (norm <= 0)
        continue;
      cv::Mat spectrum, product, correlation;
      cv::dft(chips, spectrum);
      for (const Template& wanted : templates) {
        cv::mulSpectrums(spectrum, wanted.spectrum, product, 0, true);
        cv::dft(product, correlation, cv::DFT_INVERSE | cv::DFT_SCALE);
        double most;
        cv::minMaxLoc(correlation, nullptr, &most);
        if (most / norm <= finding.score)
          continue;
        finding.score = most / norm;
        finding.chip = scale.chip;
        finding.mirrored = wanted.mirrored;
        finding.payload = payload_of(wanted.bits);
      }
    }
  finding.found = finding.score >= finding.threshold;
  if (!finding.found)
    finding.payload.reset();
  finding.log10_false_alarm =
      std::min(0.0, (std::log(tried) - finding.score * finding.score / 2) / std::log(10.0));
  return finding;
}

} // namespace fomo
