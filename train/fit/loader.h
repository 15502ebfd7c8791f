// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "train/fit/stage.h"

namespace fomo::train {

/// Draws the batches of a training in order, ahead of time, in worker threads. A step gets the same
/// batch whatever the number of threads.
class Loader {
 public:
  /// Begins with step `first`. With 0 threads `next` draws the batch itself. `stage` has to outlive
  /// the loader.
  Loader(const Stage& stage, uint64_t seed, int64_t first, int threads);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// The next step's batch. Throws what `Stage::draw` threw.
  Drawn next();

 private:
  void work();

  const Stage& stage_;
  const uint64_t seed_;
  const int64_t ahead_; ///< most batches drawn ahead
  std::mutex mutex_;
  std::condition_variable drawn_, taken_;
  std::map<int64_t, Drawn> waiting_;
  std::exception_ptr failure_;
  int64_t begun_; ///< the next step whose batch a thread draws
  int64_t next_;  ///< the next step whose batch `next` returns
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

} // namespace fomo::train
