// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/engine/cuda_library.h"

#include <string>

#include <dlfcn.h>
#include <unistd.h>

#include "common/data_file.h"
#include "common/error.h"

namespace fomo {

namespace {

const CudaApi& open_cuda_library() {
  std::string tried;
  for (const std::string& place :
       {own_folder() + "/libfomocuda.so",                         // beside the installed engine
        own_folder() + "/cuda/libfomocuda.so",                    // model/engine of the build tree
        own_folder() + "/../model/engine/cuda/libfomocuda.so",    // tools of the build tree
        own_folder() + "/../../model/engine/cuda/libfomocuda.so", // tests of the build tree
        std::string(FOMO_ENGINE_DIR "/libfomocuda.so")}) {
    if (access(place.c_str(), F_OK) != 0)
      continue;
    void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      tried += std::string("; ") + dlerror();
      continue;
    }
    const auto* api = static_cast<const CudaApi*>(dlsym(library, kCudaEntry));
    if (api && api->abi == kCudaAbi)
      return *api; // never closed: LibTorch cannot be unloaded
    dlclose(library);
    tried += "; " + place + " is of another version";
  }
  throw Error(FOMO_LIBRARY,
              "GPU support cannot be opened" +
                  (tried.empty() ? ": libfomocuda.so is not installed" : tried) +
                  ". Run scripts/setup.sh --cuda and build again, or set device=cpu.");
}

} // namespace

bool has_cuda_driver() {
  static const bool found = [] {
    void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (driver)
      dlclose(driver);
    return driver != nullptr;
  }();
  return found;
}

const CudaApi& cuda_library() {
  static const CudaApi& api = open_cuda_library();
  return api;
}

} // namespace fomo
