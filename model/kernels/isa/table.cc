// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/isa/functions.h"

namespace fomo::kernels::FOMO_ISA {

extern const KernelTable table;
const KernelTable table = {
    FOMO_ISA_NAME,
    {nullptr, &winograd_f23, &winograd_f43, &winograd_f63, &winograd_f27, &winograd_u23,
     &winograd_u43},
    &direct,
    &read_rgb_row,
    &downsample_row,
    &head_row,
    &levels_of,
    &motion_input_row,
    &combine_motions_row,
    &warp_row,
    &keep_row,
    &softmax_block,
    &window_sum,
    &bf16_multiply,
    &bf16_store,
    &bf16_pack_row,
    &bf16_head_store,
};

} // namespace fomo::kernels::FOMO_ISA
