// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <vector>

#include <opencv2/core.hpp>

#include "mark/payload.h"

namespace fomo {

/// What MarkDetector found.
struct MarkFinding {
  bool found = false;
  /// Correlation with the pattern at the best scale, position, mirroring and payload, in units of
  /// the standard deviation that unmarked pictures have. `found` if it reaches `threshold`.
  double score = 0, threshold = 0;
  /// Bound of the probability that an unmarked video has such a score, as log10; 0 or less.
  double log10_false_alarm = 0;
  double chip = 0;       ///< side of a chip in the examined frames, pixels
  bool mirrored = false; ///< left and right are exchanged
  /// The payload; nothing unless `found`.
  std::optional<MarkPayload> payload;
};

/// Looks for the pixel mark in the frames of a video, or in one picture. It tolerates scaling
/// (chips from about 1.8 to 32 pixels wide), cropping and mirroring; not rotation.
///
/// False alarms: the signs of the pattern's chips are independent of an unmarked video. For signs
/// drawn at random, and any video at all, the sum of values weighted by the signs exceeds t times
/// the root of the values' sum of squares with a probability below exp(-t^2 / 2) (Hoeffding). The
/// threshold is the t for which this bound, times the number of scales, positions, mirrorings and
/// payloads tried, is 1e-6.
class MarkDetector {
 public:
  /// Size of the frames, pixels. Frames smaller than 64 pixels are never found to be marked.
  MarkDetector(int width, int height);

  /// Adds a frame's luma: CV_8U of the size of the frames.
  void add(const cv::Mat& luma);
  /// The finding for the frames so far.
  MarkFinding result();

 private:
  /// The tile at one scale: values at four positions of the chip grid.
  struct Scale {
    cv::Size samples; ///< size of a frame, two samples for each chip
    double chip;      ///< pixels
    cv::Mat tile;     ///< CV_32F, two samples for each chip, summed over the frames
  };

  void finish_segment();
  void examine(Scale& scale, const cv::Mat& mean) const;

  cv::Size size_;
  std::vector<Scale> scales_;
  cv::Mat sum_; ///< of the segment's frames
  int frames_ = 0;
};

} // namespace fomo
