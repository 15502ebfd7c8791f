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

/// Draws the batches of a training one behind the other, ahead of it in threads of its own: a step
/// gets the same batch for any number of them.
class Loader {
 public:
  /// Begins with step `first`. Without threads `next` draws by itself. `stage` has to live longer.
  Loader(const Stage& stage, uint64_t seed, int64_t first, int threads);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// What the next step learns from. Throws what drawing it threw.
  Drawn next();

 private:
  void work();

  const Stage& stage_;
  const uint64_t seed_;
  const int64_t ahead_; ///< batches that may wait
  std::mutex mutex_;
  std::condition_variable drawn_, taken_;
  std::map<int64_t, Drawn> waiting_;
  std::exception_ptr failure_;
  int64_t begun_, next_; ///< the next step to draw, and to take
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

} // namespace fomo::train
