// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/conv.h"

namespace fomo::kernels {

/// The algorithm for `shape`: with `prologue` (an affine and a ReLU before it) one that can apply
/// it, with `precise` one whose rounding errors are no larger than the plain sum's.
Algorithm choose_algorithm(const ConvShape& shape, bool prologue, bool precise,
                           const Executor& executor);

} // namespace fomo::kernels
