// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/log.h"

#include <mutex>

namespace fomo {

namespace {

struct Sink {
  std::mutex mutex;
  FomoLogFunction function = nullptr;
  void* user_data = nullptr;
};

Sink& sink() {
  static Sink the_sink;
  return the_sink;
}

} // namespace

void set_log(FomoLogFunction function, void* user_data) {
  std::lock_guard<std::mutex> lock(sink().mutex);
  sink().function = function;
  sink().user_data = user_data;
}

void log(LogLevel level, const std::string& message) {
  std::lock_guard<std::mutex> lock(sink().mutex);
  if (sink().function)
    sink().function(static_cast<int>(level), message.c_str(), sink().user_data);
}

} // namespace fomo
