// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "model/backend/backend.h"

namespace fomo {

class Checkpoint;

/// What libfomocuda.so offers to the engine, which must run without it and without CUDA.
struct CudaApi {
  uint32_t version;
  /// Usable GPUs; 0 where the driver does not work.
  int (*device_count)();
  /// Bytes of GPU memory that are taken, by this process and others.
  uint64_t (*memory_in_use)(int device);
  /// The network on GPU `device`. Throws Error.
  std::shared_ptr<Backend> (*make_backend)(const Checkpoint& checkpoint, const ModelConfig& config,
                                           int device, FomoPrecision precision,
                                           const BackendOptions& options);
};

constexpr uint32_t kCudaApiVersion = 3;
constexpr const char* kCudaApiEntry = "fomo_cuda_api";

} // namespace fomo
