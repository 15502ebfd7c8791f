// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/backend/cuda_api.h"

namespace fomo {

/// Whether an NVIDIA driver is installed. Fast, and opens no CUDA library if there is none.
bool has_cuda_driver();

/// The functions of libfomocuda.so. The first call opens the library, and LibTorch with CUDA with
/// it, for the rest of the process. Throws Error (FOMO_LIBRARY) that names what is missing and the
/// remedy.
const CudaApi& cuda_library();

} // namespace fomo
