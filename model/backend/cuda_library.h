// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/backend/cuda_api.h"

namespace fomo {

/// Whether an NVIDIA driver is installed: costs nothing where there is none.
bool has_cuda_driver();

/// libfomocuda.so, which brings LibTorch's CUDA backend into the process, opened at the first call
/// and kept. Throws Error (FOMO_LIBRARY) naming what is missing and how to get it.
const CudaApi& cuda_library();

} // namespace fomo
