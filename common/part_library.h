// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>

namespace fomo {

/// A library of fomotransfer that is opened on first use, because its dependencies take long to
/// open and most runs do not need them. It exports a table of functions; the table's first member
/// is a version. These libraries are built together with their callers, so the functions may pass
/// C++ types and exceptions.
struct PartLibrary {
  const char* name;    ///< "libfomocuda.so"
  const char* folder;  ///< the library's folder in the build tree, relative to the tree's root
  const char* entry;   ///< the symbol of the table
  uint32_t version;    ///< the version that the caller expects of the table
  const char* failure; ///< first part of the error message: "GPU support cannot be opened"
  const char* remedy;  ///< last part of the error message
};

/// Opens a library and returns its table. The library is searched for beside this library or
/// program, in the build tree, and where `meson install` puts it; it is never closed. Throws Error
/// (FOMO_LIBRARY) that lists the reasons of all failed attempts.
const void* open_part(const PartLibrary& part);

/// Throws the Error (FOMO_LIBRARY) of open_part if no file of the library is there, as in a build
/// without it. Opens nothing.
void require_part(const PartLibrary& part);

} // namespace fomo
