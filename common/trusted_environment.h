// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>

#include <sys/auxv.h>

// Header-only, because the plugin uses it and links none of the engine's libraries.
namespace fomo {

/// Whether the process has privileges that its user does not have (setuid, setgid, file
/// capabilities). The user controls the environment, the working directory and the program's path,
/// so a privileged process must not load code or data from places that depend on these.
inline bool is_privileged() { return getauxval(AT_SECURE) != 0; }

/// The value of an environment variable; null if it is not set or if the process is `privileged`.
/// For variables that determine what the process loads or how much memory it may use.
inline const char* trusted_environment(const char* name, bool privileged = is_privileged()) {
  return privileged ? nullptr : std::getenv(name);
}

/// How the path of code or data to load was determined.
enum class PlaceOrigin {
  own_path, ///< relative to the path of this library or program
  built_in  ///< fixed when fomotransfer was built
};

/// Whether the process may load from the path `place`. A privileged process loads only from
/// absolute built-in paths, because its program can be started through a link in any folder.
inline bool may_load_from(PlaceOrigin origin, const char* place,
                          bool privileged = is_privileged()) {
  return !privileged || (origin == PlaceOrigin::built_in && place[0] == '/');
}

} // namespace fomo
