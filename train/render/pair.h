// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/truth.h"

namespace fomo::render {

/// Two frames of one identity, with their ground truth.
struct Pair {
  std::array<cv::Mat, 2> frames; ///< 256x256 8-bit RGB
  std::array<TrueKeypoints, 2> keypoints;
  std::array<TrueKeypoints, 2> driver; ///< of another identity who performs both frames
  std::array<TrueFlow, 2> flow;        ///< flow[i]: from frame i's cells into the other frame
};

/// Renders pair `index` of the random stream `seed`. The pair depends on nothing else.
Pair render_pair(const Assets& assets, const LandmarkFitter& fitter, uint64_t seed, uint64_t index);

} // namespace fomo::render
