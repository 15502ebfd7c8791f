// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <vector>

#include <gst/gst.h>

namespace fomo {

/// The parts of a frame's time, in the order in which they happen.
enum class Stage { kInput, kKeypoints, kMotion, kGenerator, kCompose, kOutput, kTotal };
constexpr size_t kStages = 7;

/// Milliseconds of each stage of one frame.
using FrameTimes = std::array<double, kStages>;

/// Counts frames and times. Thread-safe.
class Stats {
 public:
  void clear();
  /// `confidence`: in the driving frame, 0 to 1.
  void add_frame(const FrameTimes& times, double confidence);
  void add_dropped();

  /// The 95th percentile of the recent frames' total time, ms; 0 before the first frame.
  double recent_p95_ms() const;

  /// Lines for the overlay about the last frame.
  std::string to_text() const;

  /// `fomotransfer-stats` with frames, dropped, confidence and, for each stage, STAGE-last-ms,
  /// STAGE-mean-ms (of all frames) and STAGE-p95-ms (of the recent ones).
  GstStructure* to_structure() const;

 private:
  static constexpr size_t kRecent = 256;

  double p95(size_t stage) const;

  mutable std::mutex lock_;
  guint64 frames_ = 0;
  guint64 dropped_ = 0;
  double confidence_ = 0; // of the last frame
  FrameTimes last_{};
  FrameTimes sum_{};
  std::vector<FrameTimes> recent_; // a ring, the next frame goes to frames_ % kRecent
};

} // namespace fomo
