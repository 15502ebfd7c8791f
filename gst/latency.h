// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mutex>

#include <gst/gst.h>

namespace fomo {

/// The element's own latency, and whether the last answer to a latency query is outdated.
/// Thread-safe.
class Latency {
 public:
  void clear() { set_measured(0); }

  /// Sets the time that a frame takes, milliseconds. Returns true if a live pipeline should query
  /// the latency again: the last answer is off by more than a quarter.
  bool set_measured(double ms);

  /// The own latency: the measured time plus 10%. `live`: what the query says.
  GstClockTime answer(bool live);
  /// Adds the own latency to the answer that upstream gave to a latency query, and `held`, the time
  /// for which a live pipeline's frames are held besides. Returns the sum.
  GstClockTime add_to(GstQuery* query, GstClockTime held = 0);

 private:
  std::mutex lock_;
  double measured_ms_ = 0;
  double answered_ms_ = 0; // the last answer
  bool live_ = false;      // the last query came from a live pipeline
};

} // namespace fomo
