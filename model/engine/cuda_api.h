// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

namespace fomo {

/// What libfomocuda.so offers to the engine, which must run without it and without CUDA.
struct CudaApi {
  uint32_t abi;
  /// Usable GPUs; 0 where the driver does not work.
  int (*device_count)();
};

constexpr uint32_t kCudaAbi = 1;
constexpr const char* kCudaEntry = "fomo_cuda_api";

} // namespace fomo
