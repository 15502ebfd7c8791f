// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/part_library.h"

#include <dlfcn.h>
#include <unistd.h>

#include "common/data_file.h"
#include "common/error.h"

namespace fomo {

namespace {

// What a library brings along comes first where it looks for symbols: OpenCV's plain BLAS, if it is
// in the process, must not take the place of the fast one inside LibTorch.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kOpenFlags = RTLD_NOW | RTLD_LOCAL; // sanitizers do not bear it
#else
constexpr int kOpenFlags = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

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
    void* library = dlopen(place.c_str(), kOpenFlags);
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
