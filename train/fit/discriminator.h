// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/layers.h"

namespace fomo::train {

/// A patch discriminator with the least-squares loss (Mao et al., 2017). With it a generator learns
/// to draw one likely picture instead of the mean of all possible pictures.
struct Discriminator {
  std::vector<at::Tensor> weight, bias;

  /// Adds initial weights to `weights`, as "discriminator.…".
  static void add_weights(TensorMap& weights, uint64_t seed);
  /// The discriminator's tensors are those of `weights`, not copies.
  explicit Discriminator(const TensorMap& weights);

  /// The outputs of all layers for pictures [N, 3, H, W] in [0, 1]. The last output is the score
  /// [N, 1, h, w]: 1 for real, 0 for generated. With `frozen` no gradient reaches the
  /// discriminator's weights.
  std::vector<at::Tensor> operator()(const at::Tensor& pictures, bool frozen) const;

  /// The discriminator's loss on real and on generated pictures.
  at::Tensor loss(const at::Tensor& truth, const at::Tensor& made) const;
  /// The generator's adversarial loss, with `match_features` plus the feature matching loss (the
  /// distance of all layers' outputs). Feature matching teaches the generator to blur where the two
  /// pictures show things in different places: leave it out there.
  at::Tensor generator_loss(const at::Tensor& truth, const at::Tensor& made,
                            bool match_features) const;
};

} // namespace fomo::train
