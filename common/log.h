// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "api/engine_api.h"

namespace fomo {

enum class LogLevel { error = 1, warning = 2, info = 4, debug = 5 };

/// Where messages go; nullptr: nowhere. Any thread.
void set_log(FomoLogFunction function, void* user_data);
void log(LogLevel level, const std::string& message);

} // namespace fomo
