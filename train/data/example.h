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
  std::vector<float> driver_keypoints; ///< [2, K, 2] of somebody else who does the same
  std::vector<float> driver_jacobians; ///< [2, K, 2, 2]
  std::vector<float> flow;             ///< [64, 64, 2] backward, on the driving frame's cells
  std::vector<float> visibility;       ///< [64, 64] 1: seen in the source
  std::vector<float> person;           ///< [64, 64] 1: the person
};

/// How far examples are changed.
struct Augmentation {
  bool geometry = false; ///< turn, scale and shift (keypoints and Jacobians follow, flow does not)
  bool photometry = false; ///< colour, blur and noise, for each frame apart
  float mirror = 0;        ///< probability
  bool swap = false;       ///< source and driving frame may change places
  float tone = 0;          ///< probability of another painter's colours, in both frames alike
};

/// Reads a pair and changes it as `random` draws.
Example make_example(const PairView& pair, const Augmentation& augmentation,
                     render::Random& random);

} // namespace fomo::train
