// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/checkpoint/config.h"

namespace fomo {

using StateLayout = std::map<std::string, std::vector<int64_t>>;

/// Every tensor of a model of this configuration with its shape, under the names of
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

/// Throws FormatError naming the count, width or scale factor that no First Order Motion Model has.
void check_structure(const ModelConfig& config);

/// check_structure and everything else. Throws FormatError naming the value that cannot work.
void check_limits(const ModelConfig& config);

/// The frame size that the networks were made for: hourglasses on 64x64 (256x256 pictures when
/// nothing is scaled), more where so many blocks need it.
void choose_frame(ModelConfig& config);

/// Both sides of the frame have to be multiples of it, for every hourglass to halve and double
/// without remainder.
int frame_unit(const ModelConfig& config);

} // namespace fomo
