// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/stats.h"

#include <algorithm>
#include <string>

namespace fomo {

namespace {
constexpr std::array<const char*, kStages> kStageNames = {
    "input", "keypoints", "motion", "generator", "compose", "output", "total"};
constexpr size_t kTotal = static_cast<size_t>(Stage::kTotal);
} // namespace

void Stats::clear() {
  const std::lock_guard<std::mutex> guard(lock_);
  frames_ = dropped_ = packets_lost_ = packets_concealed_ = 0;
  counts_packets_ = false;
  last_ = sum_ = {};
  confidence_ = 0;
  recent_.clear();
}

void Stats::add_frame(const FrameTimes& times, double confidence) {
  const std::lock_guard<std::mutex> guard(lock_);
  if (recent_.size() < kRecent)
    recent_.push_back(times);
  else
    recent_[frames_ % kRecent] = times;
  frames_++;
  last_ = times;
  confidence_ = confidence;
  for (size_t i = 0; i < kStages; i++)
    sum_[i] += times[i];
}

void Stats::add_dropped() {
  const std::lock_guard<std::mutex> guard(lock_);
  dropped_++;
}

void Stats::count_packets() {
  const std::lock_guard<std::mutex> guard(lock_);
  counts_packets_ = true;
}

void Stats::add_packet(int lost, bool concealed) {
  const std::lock_guard<std::mutex> guard(lock_);
  packets_lost_ += static_cast<guint64>(std::max(lost, 0));
  packets_concealed_ += concealed ? 1 : 0;
}

double Stats::p95(size_t stage) const {
  if (recent_.empty())
    return 0;
  std::vector<double> values;
  values.reserve(recent_.size());
  for (const FrameTimes& times : recent_)
    values.push_back(times[stage]);
  const auto at = values.begin() + static_cast<ptrdiff_t>((values.size() - 1) * 95 / 100);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double Stats::recent_p95_ms() const {
  const std::lock_guard<std::mutex> guard(lock_);
  return p95(kTotal);
}

std::string Stats::to_text() const {
  const std::lock_guard<std::mutex> guard(lock_);
  const auto mean = [this](Stage stage) {
    return sum_[static_cast<size_t>(stage)] / std::max<double>(1, frames_);
  };
  char text[160];
  g_snprintf(text, sizeof text,
             "frame %" G_GUINT64_FORMAT "  dropped %" G_GUINT64_FORMAT
             "\n%.1f ms (keypoints %.1f generator %.1f)\nconfidence %.2f",
             frames_, dropped_, mean(Stage::kTotal), mean(Stage::kKeypoints),
             mean(Stage::kGenerator), confidence_);
  return text;
}

GstStructure* Stats::to_structure() const {
  const std::lock_guard<std::mutex> guard(lock_);
  GstStructure* stats =
      gst_structure_new("fomotransfer-stats", "frames", G_TYPE_UINT64, frames_, "dropped",
                        G_TYPE_UINT64, dropped_, "confidence", G_TYPE_DOUBLE, confidence_, nullptr);
  if (counts_packets_)
    gst_structure_set(stats, "packets-lost", G_TYPE_UINT64, packets_lost_, "packets-concealed",
                      G_TYPE_UINT64, packets_concealed_, nullptr);
  const double frames = std::max<double>(1, frames_);
  for (size_t i = 0; i < kStages; i++) {
    const std::string stage = kStageNames[i];
    gst_structure_set(stats, (stage + "-last-ms").c_str(), G_TYPE_DOUBLE, last_[i],
                      (stage + "-mean-ms").c_str(), G_TYPE_DOUBLE, sum_[i] / frames,
                      (stage + "-p95-ms").c_str(), G_TYPE_DOUBLE, p95(i), nullptr);
  }
  return stats;
}

} // namespace fomo
