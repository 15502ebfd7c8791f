// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/checkpoint/checkpoint.h"
#include "model/kernels/buffer.h"
#include "model/kernels/conv.h"

namespace fomo::cpu {

/// A convolution with the batch norm behind it folded in.
struct ConvWeights {
  int outputs = 0, inputs = 0, kernel = 0;
  kernels::Buffer weight;    ///< [outputs][inputs][kernel][kernel]
  std::vector<double> scale; ///< of each output's weights; empty: 1
  std::vector<float> bias;   ///< [outputs]

  kernels::ConvParameters parameters() const {
    return {weight.data(), bias.data(), scale.empty() ? nullptr : scale.data()};
  }
};

/// A batch norm that precedes its convolution: x * scale + shift, padded to whole blocks of
/// channels.
struct Affine {
  std::vector<float> scale, shift;
};

/// Reads `name`.weight and `name`.bias. Throws Error (FOMO_WRONG_TYPE) unless the weight has
/// `inputs` channels (0: any number) and is square.
ConvWeights read_conv(const Checkpoint& checkpoint, const std::string& name, int inputs);

/// Folds the batch norm `name` behind a convolution into it.
void fold_norm(const Checkpoint& checkpoint, const std::string& name, ConvWeights& conv);

/// The batch norm `name` of `channels` as an affine map.
Affine read_norm(const Checkpoint& checkpoint, const std::string& name, int channels);

/// One convolution with the outputs of both, which have no norm folded in.
ConvWeights stack(const ConvWeights& first, const ConvWeights& second);

} // namespace fomo::cpu
