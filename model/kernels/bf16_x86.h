// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/bf16_unit.h"

namespace fomo::kernels {

/// VDPBF16PS of AVX512-BF16; null if the processor has not got it.
const Bf16Unit* avx512_bf16_unit();

/// The tiles of AMX; null if the processor has not got them, or the kernel does not let this
/// process use them.
const Bf16Unit* amx_unit();

} // namespace fomo::kernels
