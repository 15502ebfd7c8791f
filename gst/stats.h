// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <vector>

#include <gst/gst.h>

namespace fomo {

/// The stages of a frame in their order, and the total.
enum class Stage { kInput, kKeypoints, kMotion, kGenerator, kCompose, kOutput, kTotal };
constexpr size_t kStages = 7;

/// Milliseconds of each stage of one frame.
using FrameTimes = std::array<double, kStages>;

/// Statistics of frames and their times. Thread-safe.
class Stats {
 public:
  void clear();
  /// Adds an animated frame. `confidence`: in the driving frame, 0 to 1.
  void add_frame(const FrameTimes& times, double confidence);
  /// Adds a frame that was dropped because it was late.
  void add_dropped();

  /// From now on, until clear(), packets of motion are counted.
  void count_packets();
  /// Adds a packet: `lost` packets before it did not arrive; `concealed`: it cannot be decoded.
  void add_packet(int lost, bool concealed);

  /// The 95th percentile of the total time of the last 256 frames, milliseconds; 0 without frames.
  double recent_p95_ms() const;

  /// Three lines of text for the overlay.
  std::string to_text() const;

  /// A structure `fomotransfer-stats` with the fields of GstFomoTransfer:stats. Transfer full.
  GstStructure* to_structure() const;

 private:
  static constexpr size_t kRecent = 256;

  double p95(size_t stage) const;

  mutable std::mutex lock_;
  guint64 frames_ = 0;
  guint64 dropped_ = 0;
  bool counts_packets_ = false;
  guint64 packets_lost_ = 0, packets_concealed_ = 0;
  double confidence_ = 0; // of the last frame
  FrameTimes last_{};
  FrameTimes sum_{};
  std::vector<FrameTimes> recent_; // ring buffer; the next index is frames_ % kRecent
};

} // namespace fomo
