// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/executor.h"
#include "model/motion/motion_math.h"

namespace fomo::kernels {

/// The most local motions, background included, that the kernels have room for on the stack.
constexpr int kMostMotions = 64;

/// Gaussians around keypoints as products of one over columns and one over rows.
struct Heatmaps {
  const float* columns = nullptr; ///< [keypoint][width]
  const float* rows = nullptr;    ///< [keypoint][height]
};

/// Fills the tables of `count` keypoints (x, y); `columns` and `rows` have room for count x width
/// and count x height floats.
void fill_heatmaps(const float* keypoints, int count, float variance, int width, int height,
                   float* columns, float* rows);

/// What the dense motion network sees (section 3.2): for every candidate motion, background first,
/// [heatmap, R, G, B], the heatmaps of `driving` less those of `source`, the picture moved by it.
struct MotionInput {
  const float* picture = nullptr;       ///< the small source: [height][width][4] of 0, R, G, B
  const LocalMotion* motions = nullptr; ///< `count`, the identity first
  int count = 0;
  Heatmaps driving, source; ///< of `count` - 1 keypoints
  bool align_corners = true;
};

/// `out` has 4 * count channels.
void build_motion_input(const MotionInput& input, const Image& out, const Executor& executor);

/// Backward flow and occlusion at every cell.
struct Flow {
  int height = 0, width = 0;
  float* deformation = nullptr; ///< [height][width] of (x, y)
  float* occlusion = nullptr;   ///< [height][width]; null: nothing is hidden
};

/// Equation (7): softmax over the first `count` channels of `logits`, the sum of the motions in
/// these shares; the channel after them is the occlusion map before its sigmoid (if
/// flow.occlusion).
void combine_motions(const Image& logits, const LocalMotion* motions, int count, const Flow& flow,
                     const Executor& executor);

/// Bilinear resize (cell centres aligned) to the size that `to` has.
void resize_flow(const Flow& from, const Flow& to, const Executor& executor);

/// Equation (8): features moved by the flow, which has the size of `out`, times the occlusion.
void warp(const Image& in, const Flow& flow, bool align_corners, const Image& out,
          const Executor& executor);

/// A source whose own pixels are shown where they are visible.
struct KeptSource {
  const float* picture = nullptr; ///< [height][width][4] of R, G, B and 1
  int height = 0, width = 0;
  Flow flow; ///< of any size; with an occlusion map
  bool align_corners = true;
};

} // namespace fomo::kernels
