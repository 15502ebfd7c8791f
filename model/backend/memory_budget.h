// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>

#include "model/checkpoint/config.h"

namespace fomo {

/// Bytes that a model takes on a CPU with one source and one stream, about: its weights as the
/// kernels keep them, and area x channels of the layers' images in fp32. Counted from the
/// configuration alone.
uint64_t estimate_memory(const ModelConfig& config);

/// Most bytes that a model may take: FOMOTRANSFER_MEMORY_LIMIT of the environment (MiB), otherwise
/// 2 GiB, or half of the machine's memory if that is less. Throws Error (FOMO_SETTINGS) when the
/// variable is not a number.
uint64_t memory_limit();

/// Throws Error (FOMO_NO_MEMORY) when the estimate is above the limit. To be called before anything
/// is allocated in proportion to the frame or to the widths of the layers.
void check_memory(const ModelConfig& config);

} // namespace fomo
