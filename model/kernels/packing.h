// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/conv.h"

namespace fomo::kernels {

/// Output channels of a panel of packed weights.
constexpr int kPanelWidth = 16;

constexpr int panels_of(int channels) { return (channels + kPanelWidth - 1) / kPanelWidth; }

/// Floats of the result of pack_weights().
size_t packed_floats(const ConvShape& shape, Algorithm algorithm);

/// Returns the weights in the order in which `algorithm` reads them:
/// direct [panel][channel block][tap][8][16],
/// Winograd [panel][point][padded input channel][16].
Buffer pack_weights(const ConvShape& shape, Algorithm algorithm, const ConvParameters& parameters,
                    const Executor& executor);

} // namespace fomo::kernels
