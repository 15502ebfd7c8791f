// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/layers.h"

namespace fomo::train {

/// Tells pieces of true pictures from pieces of made ones (least squares; Mao et al., 2017), so
/// that a generator learns to draw what is likely in place of the mean of all that is possible.
struct Discriminator {
  std::vector<at::Tensor> weight, bias;

  /// Adds fresh weights to `weights`, as "discriminator.…".
  static void add_weights(TensorMap& weights, uint64_t seed);
  /// Shares its tensors with `weights`.
  explicit Discriminator(const TensorMap& weights);

  /// What its layers see in pictures [N, 3, H, W] in [0, 1]; the last one is the verdict [N, 1, h,
  /// w], 1 for true and 0 for made. With `frozen` no gradient reaches its own weights.
  std::vector<at::Tensor> operator()(const at::Tensor& pictures, bool frozen) const;

  /// Its own loss on true and on made pictures.
  at::Tensor loss(const at::Tensor& truth, const at::Tensor& made) const;
  /// The generator's: to be taken for true and, with `alike`, to look like the true picture to
  /// every layer; where the two show things in different places that would only teach blur.
  at::Tensor deception(const at::Tensor& truth, const at::Tensor& made, bool alike) const;
};

} // namespace fomo::train
