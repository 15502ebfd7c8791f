// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/engine/cuda_api.h"

#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>

#include "model/engine/cuda/cuda_backend.h"

namespace {

int device_count() { return c10::cuda::device_count(); }

uint64_t memory_in_use(int device) {
  const c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
  size_t free_bytes = 0, all_bytes = 0;
  C10_CUDA_CHECK(cudaMemGetInfo(&free_bytes, &all_bytes));
  return all_bytes - free_bytes;
}

} // namespace

extern "C" __attribute__((visibility("default"))) const fomo::CudaApi fomo_cuda_api = {
    fomo::kCudaAbi, device_count, memory_in_use, fomo::make_cuda_backend};
