// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/part_library.h"

#include <utility>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

#include "common/data_file.h"
#include "common/error.h"
#include "common/trusted_environment.h"

namespace fomo {

namespace {

/// Flags for dlopen. A process that exports a BLAS (a program that links OpenCV exports OpenCV's
/// slow BLAS) needs RTLD_DEEPBIND: otherwise LibTorch would call that BLAS instead of its own. A
/// process that also exports libunwind (every GStreamer program) must not use RTLD_DEEPBIND: two
/// unwinders would then handle the same exception, libunwind raising it and libgcc resuming it.
int open_flags() {
  int flags = RTLD_NOW | RTLD_LOCAL;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // no RTLD_DEEPBIND with them
  if (dlsym(RTLD_DEFAULT, "sgemm_") && !dlsym(RTLD_DEFAULT, "unw_backtrace"))
    flags |= RTLD_DEEPBIND;
#endif
  return flags;
}

/// The files of the library that exist and that may be loaded, in the order in which they are
/// tried.
std::vector<std::string> places_of(const PartLibrary& part) {
  const std::string own = own_folder(), name = part.name;
  const std::string built = std::string(part.folder) + "/" + name;
  const std::pair<PlaceOrigin, std::string> places[] = {
      {PlaceOrigin::own_path, own + "/" + name},        // lib/fomotransfer, installed
      {PlaceOrigin::own_path, own + "/../" + built},    // a folder of the build tree
      {PlaceOrigin::own_path, own + "/../../" + built}, // one below that
      {PlaceOrigin::own_path, own + "/../" FOMO_ENGINE_SUBDIR "/" + name}, // bin, installed
      {PlaceOrigin::built_in, FOMO_ENGINE_DIR "/" + name},
  };
  std::vector<std::string> existing;
  for (const auto& [origin, place] : places)
    if (may_load_from(origin, place.c_str()) && access(place.c_str(), F_OK) == 0)
      existing.push_back(place);
  return existing;
}

[[noreturn]] void fail_missing(const PartLibrary& part) {
  throw Error(FOMO_LIBRARY,
              std::string(part.failure) + ": " + part.name + " is not installed. " + part.remedy);
}

} // namespace

const void* open_part(const PartLibrary& part) {
  std::string tried;
  for (const std::string& place : places_of(part)) {
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
  if (tried.empty())
    fail_missing(part);
  throw Error(FOMO_LIBRARY, part.failure + tried + ". " + part.remedy);
}

void require_part(const PartLibrary& part) {
  if (places_of(part).empty())
    fail_missing(part);
}

} // namespace fomo
