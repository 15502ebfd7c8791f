// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/layers.h"

namespace fomo::train {

/// Adam (Kingma and Ba) over named tensors. The gradient's norm is clipped for each network (first
/// part of the name) by itself: what a discriminator makes of its errors does not slow a generator.
class Adam {
 public:
  double beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8, clip = 1.0;

  /// `names` of `weights` are trained from now on; moments start at zero. Convolutions with many
  /// inputs get a smaller learning rate: Adam moves every weight alike, and their sum moves the
  /// output.
  void reset(TensorMap& weights, const std::vector<std::string>& names);

  /// One step with the gradients that are there, which are then cleared. Returns their norm. Where
  /// it is not finite nothing changes.
  double step(double learning_rate);

  /// Moments under "adam.m/<name>" and "adam.v/<name>", and how many steps were made.
  void save(TensorMap& out) const;
  void load(const TensorMap& in, int64_t steps);
  int64_t steps() const { return steps_; }

 private:
  struct Slot {
    std::string name, network;
    at::Tensor weight, first, second;
    double rate; ///< share of the learning rate
  };
  std::vector<Slot> slots_;
  int64_t steps_ = 0;
};

} // namespace fomo::train
