// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/part_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include "common/data_file.h"
#include "common/error.h"

namespace fomo {

namespace {

/// How to open a library. Where a BLAS is among the process's own symbols (OpenCV's plain one, in a
/// program that links OpenCV), what the library brings along comes first, or it would take the
/// place of the fast one inside LibTorch. But not where libunwind is there too, as in every
/// GStreamer program: it would then raise the library's exceptions, and another unwinder resume
/// them.
int open_flags() {
  int flags = RTLD_NOW | RTLD_LOCAL;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // they do not bear it
  if (dlsym(RTLD_DEFAULT, "sgemm_") && !dlsym(RTLD_DEFAULT, "unw_backtrace"))
    flags |= RTLD_DEEPBIND;
#endif
  return flags;
}

} // namespace

const void* open_part(const PartLibrary& part) {
  const std::string own = own_folder(), name = part.name;
  const std::string built = std::string(part.folder) + "/" + name;
  std::string tried;
  for (const std::string& place : {
           own + "/" + name,                           // lib/fomotransfer, installed
           own + "/../" + built,                       // a folder of the build tree
           own + "/../../" + built,                    // one below that
           own + "/../" FOMO_ENGINE_SUBDIR "/" + name, // bin, installed
           std::string(FOMO_ENGINE_DIR "/") + name,
       }) {
    if (access(place.c_str(), F_OK) != 0)
      continue;
    void* library = dlopen(place.c_str(), open_flags());
    if (!library) {
      tried += std::string("; ") + dlerror();
      continue;
    }
    const void* table = dlsym(library, part.entry);
    if (table && *static_cast<const uint32_t*>(table) == part.version)
      return table; // never closed: LibTorch cannot be unloaded
    dlclose(library);
    tried += "; " + place + " is of another version";
  }
  throw Error(FOMO_LIBRARY, part.cannot +
                                (tried.empty() ? ": " + name + " is not installed" : tried) + ". " +
                                part.remedy);
}

} // namespace fomo
