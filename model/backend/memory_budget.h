// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "model/checkpoint/config.h"

namespace fomo {

/// Estimates the bytes that a model needs on a CPU with one source and one stream: the weights as
/// the kernels store them, and the images of the layers in fp32. Uses the configuration alone.
uint64_t estimate_memory(const ModelConfig& config);

/// The bytes that a model may use: the environment variable FOMOTRANSFER_MEMORY_LIMIT (MiB), else
/// 2 GiB or half of the machine's memory, whichever is less. Throws Error (FOMO_SETTINGS) if the
/// variable is not a number.
uint64_t memory_limit();

/// Throws Error (FOMO_NO_MEMORY) if the estimate exceeds the limit. To be called before any memory
/// is allocated whose size depends on the frame or on the widths of the layers.
void check_memory(const ModelConfig& config);

} // namespace fomo
