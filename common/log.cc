// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/log.h"

#include <mutex>

namespace fomo {

namespace {

struct Sink {
  FomoLogFunction function = nullptr;
  void* user_data = nullptr;
};

std::mutex mutex;
Sink sink; // guarded by mutex

} // namespace

void set_log(FomoLogFunction function, void* user_data) noexcept {
  const std::lock_guard<std::mutex> lock(mutex);
  sink = {function, user_data};
}

void log(LogLevel level, const char* message) noexcept {
  Sink current;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    current = sink;
  }
  if (current.function)
    current.function(static_cast<int>(level), message, current.user_data);
}

} // namespace fomo
