// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "train/data/dataset.h"
#include "train/render/random.h"

namespace fomo::train {

/// One pair, augmented. Frame 0 is the source, frame 1 the driving frame.
struct Example {
  std::vector<uint8_t> frames;         ///< [2, 256, 256, 3] RGB
  std::vector<float> keypoints;        ///< [2, K, 2]
  std::vector<float> jacobians;        ///< [2, K, 2, 2]
  std::vector<float> driver_keypoints; ///< [2, K, 2] of another identity who performs both frames
  std::vector<float> driver_jacobians; ///< [2, K, 2, 2]
  std::vector<float> flow;             ///< [64, 64, 2] backward flow on the driving frame's cells
  std::vector<float> visibility;       ///< [64, 64] 1: visible in the source
  std::vector<float> person;           ///< [64, 64] 1: person, 0: background
};

/// The augmentations of examples.
struct Augmentation {
  bool geometry = false; ///< rotate, scale, shift frames, keypoints and Jacobians, but not the flow
  bool photometry = false; ///< change colours, blur, occlude: each frame differently
  float mirror = 0;        ///< probability of mirroring the pair
  bool swap = false;       ///< let source and driving frame change places
  float tone = 0;          ///< probability of other tone curves, the same in both frames
};

/// Reads a pair and augments it at random.
Example make_example(const PairView& pair, const Augmentation& augmentation,
                     render::Random& random);

} // namespace fomo::train
