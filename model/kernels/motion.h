// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/executor.h"
#include "model/motion/motion_math.h"

namespace fomo::kernels {

/// The largest number of local motions, including the background, that the kernels support.
constexpr int kMostMotions = 64;

/// Gaussians around keypoints, each as the product of a function of the column and one of the row.
struct Heatmaps {
  const float* columns = nullptr; ///< [keypoint][width]
  const float* rows = nullptr;    ///< [keypoint][height]
};

/// Fills the tables of Heatmaps for `count` keypoints (x, y) in [-1, 1]. `columns` has count x
/// width floats, `rows` count x height.
void fill_heatmaps(const float* keypoints, int count, float variance, int width, int height,
                   float* columns, float* rows);

/// The input of the dense motion network (section 3.2 of the paper): for each candidate motion, the
/// background first, four channels: the heatmap of `driving` minus that of `source`, then R, G, B
/// of the source warped by the motion.
struct MotionInput {
  const float* picture = nullptr; ///< the downsampled source: [height][width][4] of 0, R, G, B
  const LocalMotion* motions = nullptr; ///< `count` motions, the identity first
  int count = 0;
  Heatmaps driving, source; ///< `count` - 1 keypoints
  bool align_corners = true;
};

/// `out` has 4 * count channels.
void build_motion_input(const MotionInput& input, const Image& out, const Executor& executor);

/// Backward flow and occlusion of each cell.
struct Flow {
  int height = 0, width = 0;
  float* deformation = nullptr; ///< [height][width] of (x, y) in [-1, 1]
  float* occlusion = nullptr;   ///< [height][width] in [0, 1], 1 where visible; null: all visible
  float* background = nullptr;  ///< [height][width], share of the first motion; null: not wanted
};

/// Equation (7): a softmax over the first `count` channels of `logits`, then the sum of the motions
/// with these weights. If flow.occlusion is not null, the next channel is the occlusion map before
/// its sigmoid.
void combine_motions(const Image& logits, const LocalMotion* motions, int count, const Flow& flow,
                     const Executor& executor);

/// Bilinear resize to the size of `to`, with half-pixel centres (align_corners=False).
void resize_flow(const Flow& from, const Flow& to, const Executor& executor);

/// Equation (8): warps features by the flow, which has the size of `out`, and multiplies them by
/// the occlusion map.
void warp(const Image& in, const Flow& flow, bool align_corners, const Image& out,
          const Executor& executor);

/// A source whose own pixels replace generated ones where they are visible.
struct KeptSource {
  const float* picture = nullptr; ///< [height][width][4] of R, G, B and 1
  int height = 0, width = 0;
  Flow flow; ///< of any size; has an occlusion map
  bool align_corners = true;
};

} // namespace fomo::kernels
