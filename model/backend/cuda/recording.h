// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <thread>

#include "common/log.h"

namespace fomo {

/// Decides when work is recorded, replayed, or run as it is. The first calls of a thread warm up:
/// cuDNN chooses its algorithms in them, for each thread. Then the work is recorded once, and
/// replayed from then on. If it cannot be recorded, it runs unrecorded from then on, which is
/// slower, and the log has a warning.
class Recording {
 public:
  static constexpr int kWarmUps = 3;

  /// `record` records `work` without running it; it throws if that fails, and leaves nothing behind
  /// that would disturb `work`. `replay` runs what was recorded. Passes on what `work` and `replay`
  /// throw.
  template<typename Record, typename Replay>
  void run(const std::function<void()>& work, Record&& record, Replay&& replay) {
    if (state_ == State::fresh && is_warm())
      state_ = try_to(record) ? State::recorded : State::impossible;
    if (state_ == State::recorded)
      replay(); // also after recording, which runs nothing
    else
      work();
  }

 private:
  enum class State { fresh, recorded, impossible };

  template<typename Record>
  static bool try_to(Record&& record) {
    try {
      record();
      return true;
    } catch (const std::exception& error) {
      log(LogLevel::warning,
          std::string("The work of the GPU could not be recorded, so that frames take longer: ") +
              error.what());
      return false;
    }
  }

  /// Counts the warm-up calls of this thread.
  bool is_warm() {
    if (thread_ != std::this_thread::get_id()) {
      thread_ = std::this_thread::get_id();
      warm_ups_ = 0;
    }
    return warm_ups_++ >= kWarmUps;
  }

  State state_ = State::fresh;
  std::thread::id thread_;
  int warm_ups_ = 0;
};

} // namespace fomo
