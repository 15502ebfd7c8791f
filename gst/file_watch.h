// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "gst/engine.h"

namespace fomo {

/// What a thread that reads files and the owner of that thread share. No call of a file system that
/// hangs can be interrupted; so the owner leaves the thread behind in it, and the thread ends as
/// soon as the call returns. Owned by both. Thread-safe.
class FileWatch {
 public:
  /// On the thread: its waits for file systems are watched from now on.
  void watch_this_thread(const Engine& engine) { engine.watch_files(waits, this); }
  /// On the thread, around what may wait for a file system outside of the engine. Returns whether
  /// the file is still wanted.
  bool wait_begins() { return waits(this, 1) == 0; }
  bool wait_ends() { return waits(this, 0) == 0; }
  /// On the thread: nothing more follows.
  void finish();

  /// On the owner's thread: waits until the thread has finished; at most until a file system has
  /// not answered it for `patience`. Returns whether the thread has finished.
  bool wait_finished(std::chrono::milliseconds patience);
  /// Waits until the thread has finished or abandon() is called. Returns whether it has finished.
  bool wait_finished();
  /// The files are not wanted any more. Returns whether the thread waits for a file system now, and
  /// did so for a tenth of a second: then it must be detached. Otherwise it ends soon.
  bool abandon();
  bool abandoned();

 private:
  static int waits(void* data, int begins);

  std::mutex lock_;
  std::condition_variable changed_;
  bool waiting_ = false, finished_ = false, abandoned_ = false;
  std::chrono::steady_clock::time_point since_; ///< the beginning of the wait
};

} // namespace fomo
