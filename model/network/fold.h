// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/network.h"

namespace fomo {

/// Folds every batch norm that follows a convolution into it (all but the first norm of a residual
/// block, which comes before one). Leaves the tensors it was built from as they are.
void fold_batch_norms(Network& network);

/// The convolution and the norm after it as one convolution; `norm` is emptied.
void fold(Conv2d& conv, BatchNorm& norm);

/// Moves the network to a device and its convolutions to a type and memory format; anti-alias
/// kernels and batch norms stay fp32.
void convert(Network& network, at::Device device, at::ScalarType type, at::MemoryFormat format);

} // namespace fomo
