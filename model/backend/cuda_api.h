// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "model/backend/backend.h"

namespace fomo {

class Checkpoint;

/// The functions of libfomocuda.so for the engine, which also runs without this library and without
/// CUDA.
struct CudaApi {
  uint32_t version; ///< kCudaApiVersion
  /// Sets the function that receives the library's log messages.
  void (*set_log)(FomoLogFunction function, void* user_data);
  /// The number of usable GPUs; 0 if the driver does not work.
  int (*device_count)();
  /// The memory of GPU `device` in use by all processes, bytes. Throws Error.
  uint64_t (*memory_in_use)(int device);
  /// Makes the backend on GPU `device`. Throws Error.
  std::shared_ptr<Backend> (*make_backend)(const Checkpoint& checkpoint, const ModelConfig& config,
                                           int device, FomoPrecision precision,
                                           const BackendOptions& options);
};

constexpr uint32_t kCudaApiVersion = 4;
constexpr const char* kCudaApiEntry = "fomo_cuda_api";

} // namespace fomo
