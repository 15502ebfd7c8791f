// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/layers.h"

namespace fomo::train {

/// Adam (Kingma and Ba) over named tensors. The gradient norm is clipped for each network (the
/// first part of the name) separately, so that large gradients of a discriminator do not slow a
/// generator.
class Adam {
 public:
  double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8, clip = 1.0;

  /// Trains the tensors `names` of `weights` from now on; the moments start at zero. Convolutions
  /// with many inputs get a smaller learning rate: Adam changes every weight by about the same
  /// amount, and the output changes by the sum of these amounts.
  void reset(TensorMap& weights, const std::vector<std::string>& names);

  /// Makes one step with the current gradients and clears them. Returns the gradients' norm. If the
  /// norm is not finite, the weights stay as they are.
  double step(double learning_rate);

  /// Writes the moments into `out` as "adam.m/<name>" and "adam.v/<name>".
  void save(TensorMap& out) const;
  /// Reads the moments that `save` wrote; `steps` is the number of steps made so far.
  void load(const TensorMap& in, int64_t steps);
  /// The number of steps made.
  int64_t steps() const { return steps_; }

 private:
  struct Slot {
    std::string name, network;
    at::Tensor weight, first, second;
    double rate; ///< factor on the learning rate, 0..1
  };
  std::vector<Slot> slots_;
  int64_t steps_ = 0;
};

} // namespace fomo::train
