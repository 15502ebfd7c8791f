// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <limits>
#include <utility>

#include "model/motion/keypoints.h"

namespace fomo {

/// How far two frames' poses are apart, whatever the faces' sizes and places: the keypoints of each
/// less their mean, divided by the square root of their convex hull's area; the sum of the squared
/// distances of corresponding ones. 0: the same pose. Infinite where the counts differ or keypoints
/// are not finite or lie on a line.
double pose_distance(const KeypointSet& a, const KeypointSet& b);

/// Looks for the driving frame whose pose is nearest to the picture's: the best one to count
/// relative motion from.
class BestFrameSearch {
 public:
  explicit BestFrameSearch(KeypointSet source) : source_(std::move(source)) {}

  /// The next driving frame; true when it is the best so far (the first of equals).
  bool add(const KeypointSet& driving);
  /// Of the best frame, counting from 0; meaningless while `distance` is infinite.
  size_t index() const { return index_; }
  double distance() const { return distance_; }

 private:
  KeypointSet source_;
  size_t count_ = 0, index_ = 0;
  double distance_ = std::numeric_limits<double>::infinity();
};

} // namespace fomo
