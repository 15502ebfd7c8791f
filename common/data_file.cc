// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/data_file.h"

#include <utility>

#include <dlfcn.h>
#include <unistd.h>

#include "common/error.h"
#include "common/file_wait.h"
#include "common/trusted_environment.h"

namespace fomo {

std::string own_folder() {
  std::string path;
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) != 0 && info.dli_fname)
    path = info.dli_fname;
  // For a program dladdr gives argv[0], which need not be a path.
  char program[4096];
  if (path.find(".so") == std::string::npos)
    if (const ssize_t length = readlink("/proc/self/exe", program, sizeof program); length > 0)
      path.assign(program, static_cast<size_t>(length));
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string data_file(const std::string& built, const std::string& name) {
  const std::string folder = own_folder();
  const std::pair<PlaceOrigin, std::string> places[] = {
      {PlaceOrigin::own_path, folder + "/../" + built},    // a folder of the build tree
      {PlaceOrigin::own_path, folder + "/../../" + built}, // one below that
      // Installed: bin, lib/fomotransfer, lib/<triplet>/fomotransfer.
      {PlaceOrigin::own_path, folder + "/../share/fomotransfer/" + name},
      {PlaceOrigin::own_path, folder + "/../../share/fomotransfer/" + name},
      {PlaceOrigin::own_path, folder + "/../../../share/fomotransfer/" + name},
      {PlaceOrigin::built_in, FOMO_DATA_DIR "/" + name},
  };
  std::string tried;
  for (const auto& [origin, place] : places) {
    if (!may_load_from(origin, place.c_str()))
      continue;
    if (waiting_for_file([&file = place] { return access(file.c_str(), R_OK); }) == 0)
      return place;
    tried += " " + place;
  }
  throw Error(FOMO_NOT_FOUND, "'" + name + "' of fomotransfer is not installed (tried" + tried +
                                  "). Run meson install.");
}

} // namespace fomo
