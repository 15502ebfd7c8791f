// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/kernel_table.h"

#include "simd/dispatch.h"

namespace fomo::kernels {

FOMO_DEFINE_DISPATCH(KernelTable, kernel_table)

const KernelTable& best_kernels() { return kernel_table(simd::best_isa()); }

} // namespace fomo::kernels
