// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/backend/backend.h"
#include "model/backend/cpu/layers.h"
#include "model/checkpoint/config.h"
#include "model/kernels/expectation.h"

namespace fomo::cpu {

/// The keypoint detector (section 3.1 of the paper) on the CPU kernels. In fp32 the Jacobians come
/// from sums of the features (WindowSums). In bf16 they are outputs of the same convolution as the
/// heatmaps, whose products cost little there.
class KeypointNetwork {
 public:
  KeypointNetwork(const Loading& loading, const ModelConfig& config);

  /// `frame`: RGB in [0, 1] of the model's size.
  Detection run(const Run& run, const kernels::Image& frame, Arena arena) const;
  /// Adds what run() takes to `arena`.
  void reserve(Arena arena, size_t& most) const;
  size_t scratch(const kernels::Executor& executor) const;

 private:
  struct Memory;
  Memory lay_out(Arena& arena) const;
  std::vector<float> jacobians(const Run& run, const Memory& memory) const;
  std::vector<float> window_jacobians(const Run& run, const Memory& memory) const;

  AntiAlias down_;
  Hourglass hourglass_;
  ConvLayer heads_;                  // heatmaps; in bf16 then, from a whole block on, Jacobians
  kernels::WindowSums window_;       // in fp32
  kernels::Buffer jacobian_weight_;  // in fp32: [map][tap][padded channel]
  std::vector<float> jacobian_bias_; // by map; empty in a zero-order model
  bool single_map_ = false;
  float temperature_ = 0.1F;
  int num_kp_ = 0, num_face_kp_ = 0, first_mouth_kp_ = 0, first_ear_kp_ = 0;
};

} // namespace fomo::cpu
