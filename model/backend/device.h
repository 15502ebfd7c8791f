// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "model/backend/backend.h"
#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// Where a model runs.
struct Device {
  int cuda_index = -1; ///< of the GPU; -1: the CPU

  bool is_cuda() const { return cuda_index >= 0; }
  std::string name() const { return is_cuda() ? "cuda:" + std::to_string(cuda_index) : "cpu"; }
};

/// "cpu", "cuda" (the first GPU), "cuda:N", or "auto": a GPU if there is one that works, otherwise
/// the CPU, silently on a machine without a GPU. Throws Error (FOMO_NOT_FOUND, FOMO_LIBRARY,
/// FOMO_SETTINGS).
Device find_device(const std::string& name);

/// What `auto` stands for on a device (fp32 on the CPU, fp16 on a GPU); throws Error
/// (FOMO_SETTINGS) for a precision that the device has no arithmetic for.
FomoPrecision choose_precision(FomoPrecision wanted, const Device& device);

/// "fp32", "fp16", "bf16".
const char* precision_name(FomoPrecision precision);

/// Loads the weights to the device. On a CPU the model must fit into memory_limit(). Throws Error
/// (FOMO_WRONG_TYPE, FOMO_NO_MEMORY, FOMO_SETTINGS).
std::shared_ptr<Backend> make_backend(const Checkpoint& checkpoint, const ModelConfig& config,
                                      const Device& device, FomoPrecision precision,
                                      const BackendOptions& options);

} // namespace fomo
