// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/conv.h"

namespace fomo::kernels {

/// Estimated seconds of one run on `threads` threads, from the counts of operations and of weight
/// bytes. Only the ratios between algorithms mean anything.
double estimated_seconds(const ConvShape& shape, Algorithm algorithm, const KernelTable& kernels,
                         int threads);

/// Seconds that an algorithm has to save for each run to be worth the memory and the loading time
/// of its packed weights.
double weight_cost(const ConvShape& shape, Algorithm algorithm);

} // namespace fomo::kernels
