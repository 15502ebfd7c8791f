// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "model/backend/backend.h"
#include "model/network/network.h"

namespace fomo {

/// The network on a GPU: LibTorch's convolutions channels-last in the wanted precision, kernels.h
/// between them. Each workspace has a stream and two CUDA graphs (keypoints; the rest), recorded at
/// its first frames, and pinned buffers for the bytes that travel. cuDNN's settings are those of
/// the process: once one backend is `deterministic`, all are, and cuDNN times no more algorithms.
std::shared_ptr<Backend> make_cuda_backend(const Network& network, int device,
                                           FomoPrecision precision, bool deterministic);

} // namespace fomo
