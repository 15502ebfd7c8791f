// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "model/backend/backend.h"
#include "model/network/network.h"

namespace fomo {

/// Makes the network on a GPU: LibTorch's convolutions in channels-last layout and the given
/// precision, and the kernels of kernels.h between them. Each workspace has a CUDA stream, pinned
/// transfer buffers and two CUDA graphs (keypoint detection; everything else), which are captured
/// after a few warm-up frames. cuDNN's settings apply to the process: after one backend was made
/// with `deterministic`, all backends are deterministic and cuDNN times no algorithms. Throws
/// LibTorch's exceptions.
std::shared_ptr<Backend> make_cuda_backend(const Network& network, int device,
                                           FomoPrecision precision, bool deterministic);

} // namespace fomo
