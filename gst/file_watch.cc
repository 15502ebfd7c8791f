// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/file_watch.h"

namespace fomo {

namespace {

/// A read that a disk answers ends within this time, and its memory is free when the element has
/// stopped.
constexpr std::chrono::milliseconds kGrace{100};

} // namespace

int FileWatch::waits(void* data, int begins) {
  auto* watch = static_cast<FileWatch*>(data);
  const std::lock_guard<std::mutex> guard(watch->lock_);
  watch->waiting_ = begins && !watch->abandoned_;
  watch->since_ = std::chrono::steady_clock::now();
  watch->changed_.notify_all();
  return watch->abandoned_;
}

void FileWatch::finish() {
  const std::lock_guard<std::mutex> guard(lock_);
  finished_ = true;
  changed_.notify_all();
}

bool FileWatch::wait_finished(std::chrono::milliseconds patience) {
  std::unique_lock<std::mutex> guard(lock_);
  while (!finished_) {
    if (!waiting_) {
      changed_.wait(guard);
      continue;
    }
    const auto since = since_;
    if (!changed_.wait_until(guard, since + patience,
                             [&] { return finished_ || !waiting_ || since_ != since; }))
      return false;
  }
  return true;
}

bool FileWatch::wait_finished() {
  std::unique_lock<std::mutex> guard(lock_);
  changed_.wait(guard, [this] { return finished_ || abandoned_; });
  return finished_;
}

bool FileWatch::abandon() {
  std::unique_lock<std::mutex> guard(lock_);
  abandoned_ = true;
  changed_.notify_all();
  return !changed_.wait_for(guard, kGrace, [this] { return !waiting_; });
}

bool FileWatch::abandoned() {
  const std::lock_guard<std::mutex> guard(lock_);
  return abandoned_;
}

} // namespace fomo
