// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>

namespace fomo {

/// A library of fomotransfer that is opened when it is first wanted, because what it brings along
/// takes long to open and most runs do without. It exports a table whose first member is its
/// version. All are built together, so that C++ may cross.
struct PartLibrary {
  const char* name;   ///< "libfomocuda.so"
  const char* folder; ///< in the build tree, relative to its root
  const char* entry;  ///< the table's symbol
  uint32_t version;   ///< of the table
  const char* cannot; ///< "GPU support cannot be opened": begins the error
  const char* remedy; ///< ends it
};

/// The table of a library: beside this library or program, in the build tree, or where `meson
/// install` puts it. The library is never closed. Throws Error (FOMO_LIBRARY) with what was tried.
const void* open_part(const PartLibrary& part);

} // namespace fomo
