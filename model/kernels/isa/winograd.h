// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/isa.h"

namespace fomo::kernels::FOMO_ISA {

extern const WinogradKernel winograd_f23, winograd_f43, winograd_f63, winograd_f27, winograd_u23,
    winograd_u43;
void direct(const ConvJob& job, int first, int count, int panel, int panels, float* scratch);

} // namespace fomo::kernels::FOMO_ISA
