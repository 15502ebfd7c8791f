// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>

#include <sys/auxv.h>

// Header-only: the plugin, which links none of the engine's libraries, uses it too.
namespace fomo {

/// Whether the process has privileges that its user does not have (setuid, setgid, file
/// capabilities). That user chooses its environment, its working directory, and the path of its
/// program, and must not decide by them which code and data it loads.
inline bool is_privileged() { return getauxval(AT_SECURE) != 0; }

/// A variable of the environment that decides what the process loads or how much it may take. Null
/// when it is not set or the process is `privileged`.
inline const char* trusted_environment(const char* name, bool privileged = is_privileged()) {
  return privileged ? nullptr : std::getenv(name);
}

/// How a place to load code or data from is known.
enum class PlaceOrigin {
  own_path, ///< relative to the path of this library or program
  built_in  ///< fixed when fomotransfer was built
};

/// Whether to load from `place`. A privileged process loads from absolute places that were built
/// in, and from no others: its program can be started through a link in any folder.
inline bool may_load_from(PlaceOrigin origin, const char* place,
                          bool privileged = is_privileged()) {
  return !privileged || (origin == PlaceOrigin::built_in && place[0] == '/');
}

} // namespace fomo
