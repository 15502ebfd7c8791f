// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mutex>

#include <gst/gst.h>

namespace fomo {

/// What the element says of its own delay, and when it is time to say something new. Thread-safe.
class Latency {
 public:
  void clear() { set_measured(0); }

  /// The time that a frame takes, ms. True when what was last answered for a live pipeline is off
  /// by more than a quarter, so that the pipeline should ask again.
  bool set_measured(double ms);

  /// The delay to answer: the measured time with headroom. Remembers it.
  GstClockTime answer(bool live);

 private:
  std::mutex lock_;
  double measured_ms_ = 0;
  double answered_ms_ = 0;
  bool live_ = false;
};

} // namespace fomo
