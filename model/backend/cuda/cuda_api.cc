// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/backend/cuda_api.h"

#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>

#include "common/log.h"
#include "model/backend/cuda/cuda_backend.h"
#include "model/backend/torch/own_errors.h"
#include "model/network/network.h"

namespace {

void set_log(FomoLogFunction function, void* user_data) { fomo::set_log(function, user_data); }

int device_count() { return c10::cuda::device_count(); }

uint64_t memory_in_use(int device) {
  return fomo::with_own_errors([&] {
    const c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
    size_t free_bytes = 0, all_bytes = 0;
    C10_CUDA_CHECK(cudaMemGetInfo(&free_bytes, &all_bytes));
    return all_bytes - free_bytes;
  });
}

std::shared_ptr<fomo::Backend> make_backend(const fomo::Checkpoint& checkpoint,
                                            const fomo::ModelConfig& config, int device,
                                            FomoPrecision precision,
                                            const fomo::BackendOptions& options) {
  return fomo::with_own_errors([&] {
    const fomo::Network network(load_tensors(checkpoint), config, options.align_corners);
    return fomo::translate_errors(
        fomo::make_cuda_backend(network, device, precision, options.deterministic));
  });
}

} // namespace

extern "C" __attribute__((visibility("default"))) const fomo::CudaApi fomo_cuda_api = {
    fomo::kCudaApiVersion, set_log, device_count, memory_in_use, make_backend};
