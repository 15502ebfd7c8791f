// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>

namespace fomo {

/// Measures the time since its construction.
class Stopwatch {
 public:
  /// Milliseconds since construction.
  double ms() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

} // namespace fomo
