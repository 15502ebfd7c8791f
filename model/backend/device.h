// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "model/backend/backend.h"
#include "model/checkpoint/checkpoint.h"

namespace fomo {

/// The device that a model runs on.
struct Device {
  int cuda_index = -1; ///< index of the GPU; -1: the CPU

  bool is_cuda() const { return cuda_index >= 0; }
  /// "cpu" or "cuda:N".
  std::string name() const { return is_cuda() ? "cuda:" + std::to_string(cuda_index) : "cpu"; }
};

/// Finds a device by name: "cpu", "cuda" (the first GPU), "cuda:N", or "auto" (a GPU if one works,
/// else the CPU). Throws Error (FOMO_NOT_FOUND, FOMO_LIBRARY, FOMO_SETTINGS).
Device find_device(const std::string& name);

/// Replaces FOMO_PRECISION_AUTO by the fastest that the device has: fp16 on a GPU, bf16 on a CPU
/// with AMX, fp32 on other CPUs. Throws Error (FOMO_SETTINGS) if the device does not support the
/// precision.
FomoPrecision choose_precision(FomoPrecision wanted, const Device& device);

/// "fp32", "fp16", "bf16".
const char* precision_name(FomoPrecision precision);

/// Loads the weights to the device. On a CPU the model must fit into memory_limit(). Throws Error
/// (FOMO_WRONG_TYPE, FOMO_NO_MEMORY, FOMO_SETTINGS).
std::shared_ptr<Backend> make_backend(const Checkpoint& checkpoint, const ModelConfig& config,
                                      const Device& device, FomoPrecision precision,
                                      const BackendOptions& options);

} // namespace fomo
