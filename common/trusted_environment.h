// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>
#include <string>

#include <sys/auxv.h>

// Header-only: the plugin, which links none of the engine's libraries, uses it too.
namespace fomo {

/// Whether the process has privileges that its user does not have (setuid, setgid, file
/// capabilities). Environment and working directory are then chosen by somebody who must not decide
/// which code and data the process loads.
inline bool is_privileged() { return getauxval(AT_SECURE) != 0; }

/// An environment variable that names code or data to load; null when it is not set, or when the
/// process is `privileged`.
inline const char* trusted_environment(const char* name, bool privileged = is_privileged()) {
  return privileged ? nullptr : std::getenv(name);
}

/// Whether code or data may be loaded from a place that was derived from the program's own path:
/// not in a privileged process, whose program can be started through a link in any folder. `path`
/// is a path that was fixed when fomotransfer was built, if it is absolute and `is_fixed`.
inline bool may_load_from(const std::string& path, bool is_fixed,
                          bool privileged = is_privileged()) {
  return !privileged || (is_fixed && !path.empty() && path[0] == '/');
}

} // namespace fomo
