// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <glib.h>

namespace fomo {

/// Milliseconds since the object was made.
class Stopwatch {
 public:
  double ms() const { return (g_get_monotonic_time() - start_) / 1000.0; }

 private:
  gint64 start_ = g_get_monotonic_time();
};

} // namespace fomo
