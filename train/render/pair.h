// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "train/render/truth.h"

namespace fomo::render {

/// One identity in two frames with everything that is known about them.
struct Pair {
  std::array<cv::Mat, 2> frames; ///< 256x256 8-bit RGB
  std::array<TrueKeypoints, 2> keypoints;
  std::array<TrueKeypoints, 2> driver; ///< of somebody else who does the same in front of a camera
  std::array<TrueFlow, 2> flow;        ///< on frame i's cells, into the other frame
};

/// Renders pair `index` of the stream that `seed` names. Depends on nothing else.
Pair render_pair(const Assets& assets, const LandmarkFitter& fitter, uint64_t seed, uint64_t index);

/// A clip of one identity that turns, talks, smiles and blinks: `count` frames of 256x256 8-bit
/// RGB.
std::vector<cv::Mat> render_clip(const Assets& assets, uint64_t seed, int count, float rate);

} // namespace fomo::render
