// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/engine/model_path.h"

#include <cstdlib>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

#include "common/error.h"

namespace fomo {

std::string own_folder() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0 || !info.dli_fname)
    return ".";
  std::string path = info.dli_fname;
  // A program is known by the name it was called with, which may be no path at all.
  char program[4096];
  if (const ssize_t length = readlink("/proc/self/exe", program, sizeof program);
      length > 0 && path.find(".so") == std::string::npos)
    path.assign(program, static_cast<size_t>(length));
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string model_path(const std::string& model) {
  if (model != "builtin")
    return model;
  if (const char* override_path = std::getenv("FOMOTRANSFER_BUILTIN"))
    return override_path;
  const std::string folder = own_folder(), file = "/builtin.safetensors";
  const std::vector<std::string> places = {
      folder + "/../builtin" + file,                  // model/engine of the build tree
      folder + "/../model/builtin" + file,            // tools of the build tree
      folder + "/../../model/builtin" + file,         // tests of the build tree
      folder + "/../share/fomotransfer" + file,       // bin, installed
      folder + "/../../share/fomotransfer" + file,    // lib/fomotransfer, installed
      folder + "/../../../share/fomotransfer" + file, // lib/<triplet>/fomotransfer, installed
      FOMO_DATA_DIR + file,
  };
  std::string tried;
  for (const std::string& place : places) {
    if (access(place.c_str(), R_OK) == 0)
      return place;
    tried += " " + place;
  }
  throw Error(FOMO_NOT_FOUND, "The built-in model is not installed (tried" + tried +
                                  "). Run meson install, or set model to a checkpoint file.");
}

} // namespace fomo
