// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/head_conv.h"

namespace fomo::kernels {

/// Writes row `y` of a picture, `row` of [width][3] in [0, 1], where `output` says. Changes `row`.
void finish_head_row(const HeadOutput& output, int height, int width, int y, float* row,
                     const Executor& executor);

} // namespace fomo::kernels
