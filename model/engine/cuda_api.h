// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "model/engine/backend.h"

namespace fomo {

struct Network;

/// What libfomocuda.so offers to the engine, which must run without it and without CUDA. Both are
/// built together, so that C++ may cross.
struct CudaApi {
  uint32_t abi;
  /// Usable GPUs; 0 where the driver does not work.
  int (*device_count)();
  /// Bytes of GPU memory that are taken, by this process and others.
  uint64_t (*memory_in_use)(int device);
  /// The network, fp32 on the CPU as loaded, on GPU `device`. Throws Error or LibTorch's
  /// exceptions.
  std::shared_ptr<Backend> (*make_backend)(const Network& network, int device,
                                           FomoPrecision precision);
};

constexpr uint32_t kCudaAbi = 1;
constexpr const char* kCudaEntry = "fomo_cuda_api";

} // namespace fomo
