// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/checkpoint/config.h"

namespace fomo {

using StateLayout = std::map<std::string, std::vector<int64_t>>;

/// The shapes of all tensors of a model with this configuration, under the names of
/// Checkpoint::tensors().
StateLayout state_layout(const ModelConfig& config);

/// Channels at `level` of a stack that doubles from `block_expansion` (level 0) up to
/// `max_features`.
int level_width(int block_expansion, int max_features, int level);

/// Taps of FOMM's anti-alias kernel for a scale factor below 1: a Gaussian of sigma
/// (1 / scale - 1) / 2, four sigmas to each side.
int antialias_taps(double scale_factor);

/// Pixels between samples, as FOMM computes them: the whole part of 1 / scale.
int antialias_stride(double scale_factor);

/// Throws FormatError that names a count, width or scale factor outside of the supported range.
void check_structure(const ModelConfig& config);

/// Checks all values, also those of check_structure. Throws FormatError that names the value.
void check_limits(const ModelConfig& config);

/// Sets the frame size that the networks were designed for: their hourglasses work on 64x64 cells
/// (on 256x256 if nothing is scaled down), or on more cells if the number of blocks needs more.
void choose_frame(ModelConfig& config);

/// Both sides of the frame must be multiples of this number of pixels, so that every hourglass can
/// halve and double its images without remainder.
int frame_unit(const ModelConfig& config);

} // namespace fomo
