// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/network.h"

namespace fomo {

/// Folds every batch norm that follows a convolution into the convolution: all except the first
/// norm of a residual block, which precedes one. The tensors that the network was built from stay
/// unchanged.
void fold_batch_norms(Network& network);

/// Folds a batch norm into the convolution before it. `norm` becomes empty.
void fold(Conv2d& conv, BatchNorm& norm);

/// Moves the network to a device and its convolutions to a type and memory format; anti-alias
/// kernels and batch norms stay fp32.
void convert(Network& network, at::Device device, at::ScalarType type, at::MemoryFormat format);

} // namespace fomo
