// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/backend/cpu/layers.h"
#include "model/checkpoint/config.h"
#include "model/kernels/motion.h"
#include "model/motion/keypoints.h"

namespace fomo::cpu {

/// What the dense motion network keeps of a source.
struct MotionSource {
  kernels::Buffer picture;          ///< small: [h][w][4] of 0, R, G, B
  std::vector<float> columns, rows; ///< heatmaps of its keypoints
};

/// The dense motion network (section 3.2 of the paper) on the CPU kernels.
class MotionNetwork {
 public:
  MotionNetwork(const Loading& loading, const ModelConfig& config, bool align_corners);

  int height() const { return down_.height(); }
  int width() const { return down_.width(); }
  bool has_occlusion() const { return has_occlusion_; }

  MotionSource encode(const Run& run, const kernels::Image& frame,
                      const KeypointSet& keypoints) const;
  /// Flow of height() x width() in the memory that `flow` names; the masks [K + 1][height][width]
  /// in `masks` unless it is null.
  void run(const Run& run, const MotionSource& source, const KeypointSet& source_keypoints,
           const KeypointSet& driving_keypoints, const kernels::Flow& flow,
           std::vector<float>* masks, Arena arena) const;
  void reserve(Arena arena, size_t& most) const;
  size_t scratch(const kernels::Executor& executor) const;

 private:
  struct Memory;
  Memory lay_out(Arena& arena) const;
  void predict(const Run& run, const Memory& memory) const;

  AntiAlias down_;
  Hourglass hourglass_;
  ConvLayer heads_; // mask, then occlusion
  bool has_occlusion_ = false;
  bool align_corners_ = true;
  float variance_ = 0.01F;
  int num_kp_ = 0;
};

} // namespace fomo::cpu
