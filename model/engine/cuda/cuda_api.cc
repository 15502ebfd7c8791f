// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/engine/cuda_api.h"

#include <c10/cuda/CUDAFunctions.h>

#include "model/engine/cuda/cuda_backend.h"

namespace {

int device_count() { return c10::cuda::device_count(); }

} // namespace

extern "C" __attribute__((visibility("default")))
const fomo::CudaApi fomo_cuda_api = {fomo::kCudaAbi, device_count, fomo::make_cuda_backend};
