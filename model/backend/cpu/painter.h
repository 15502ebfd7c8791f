// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/backend/cpu/layers.h"
#include "model/checkpoint/config.h"
#include "model/kernels/head_conv.h"
#include "model/kernels/motion.h"

namespace fomo::cpu {

/// The generator without its dense motion network: encodes a source once, then moves its features
/// and paints the picture (section 3.2 of the paper), on the CPU kernels.
class Painter {
 public:
  Painter(const Loading& loading, const ModelConfig& config, bool align_corners);

  int height() const { return height_; } ///< of the features
  int width() const { return width_; }

  /// Features of a frame, in memory of their own.
  kernels::Buffer encode(const Run& run, const kernels::Image& frame) const;
  /// The picture; `flow` has the features' size.
  void paint(const Run& run, const kernels::Buffer& features, const kernels::Flow& flow,
             const kernels::HeadOutput& output, Arena arena) const;
  void reserve(Arena arena, size_t& most) const;
  size_t scratch(const kernels::Executor& executor) const;

 private:
  struct ResidualBlock {
    ConvLayer first, second;
  };
  struct Memory;
  Memory lay_out(Arena& arena) const;
  void refine(const Run& run, const Memory& memory) const;
  void refine_bf16(const Run& run, const Memory& memory) const;
  int border_before_up(size_t index) const;

  std::vector<ConvLayer> encoder_, up_;
  std::vector<ResidualBlock> bottleneck_;
  kernels::HeadConv final_;
  kernels::Bf16Head bf16_final_;
  int final_border_ = 0; ///< pixels that the last layer reads beyond its input
  bool in_bf16_ = false;
  bool align_corners_ = true;
  int channels_ = 0, height_ = 0, width_ = 0;
};

} // namespace fomo::cpu
