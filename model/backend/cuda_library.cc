// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cuda_library.h"

#include <dlfcn.h>

#include "common/log.h"
#include "common/part_library.h"

namespace fomo {

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
  static const CudaApi& api = []() -> const CudaApi& {
    const auto& opened = *static_cast<const CudaApi*>(open_part(
        {"libfomocuda.so", "model/backend/cuda", kCudaApiEntry, kCudaApiVersion,
         "GPU support cannot be opened",
         "Run scripts/setup.sh --cuda and build again with -Dcuda=enabled, install LibTorch "
         "with CUDA where the system looks for libraries, or set device=cpu."}));
    opened.set_log(
        [](int level, const char* message, void*) { log(static_cast<LogLevel>(level), message); },
        nullptr);
    return opened;
  }();
  return api;
}

} // namespace fomo
