// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "api/engine_api.h"

namespace fomo {

/// Severity of a message; the values are GStreamer's.
enum class LogLevel { error = 1, warning = 2, info = 4, debug = 5 };

/// Sets the function that receives all messages; with nullptr, messages are dropped. Thread-safe.
void set_log(FomoLogFunction function, void* user_data) noexcept;

/// Writes a message to the log. Thread-safe; allocates nothing.
void log(LogLevel level, const char* message) noexcept;
inline void log(LogLevel level, const std::string& message) noexcept {
  log(level, message.c_str());
}

} // namespace fomo
