// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/latency.h"

#include <cmath>

namespace fomo {

namespace {
constexpr double kHeadroom = 1.1;
constexpr double kTolerance = 0.25;
} // namespace

bool Latency::set_measured(double ms) {
  const std::lock_guard<std::mutex> guard(lock_);
  measured_ms_ = ms;
  const double wanted = ms * kHeadroom;
  if (!live_ || std::abs(wanted - answered_ms_) <= kTolerance * answered_ms_)
    return false;
  answered_ms_ = wanted; // so that a change is reported once, even without a new query
  return true;
}

GstClockTime Latency::answer(bool live) {
  const std::lock_guard<std::mutex> guard(lock_);
  live_ = live;
  answered_ms_ = measured_ms_ * kHeadroom;
  return static_cast<GstClockTime>(answered_ms_ * GST_MSECOND);
}

GstClockTime Latency::add_to(GstQuery* query, GstClockTime held) {
  gboolean live;
  GstClockTime min, max;
  gst_query_parse_latency(query, &live, &min, &max);
  const GstClockTime own = answer(live) + (live ? held : 0);
  gst_query_set_latency(query, live, min + own, GST_CLOCK_TIME_IS_VALID(max) ? max + own : max);
  return own;
}

} // namespace fomo
