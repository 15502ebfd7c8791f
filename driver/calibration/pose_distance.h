// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <limits>
#include <utility>

#include "model/motion/keypoints.h"

namespace fomo {

/// The distance of two poses, independent of the positions and sizes of the faces: the keypoints of
/// each set are centred and divided by the square root of the area of their convex hull; the result
/// is the sum of the squared distances of corresponding keypoints. 0: the same pose. Infinite if
/// the counts differ, or if keypoints are not finite or lie on a line.
double pose_distance(const KeypointSet& a, const KeypointSet& b);

/// Finds the driving frame whose pose is nearest to the picture's: the best neutral pose for
/// relative motion.
class BestFrameSearch {
 public:
  explicit BestFrameSearch(KeypointSet source) : source_(std::move(source)) {}

  /// Adds the next driving frame. Returns true if it is nearer than all frames before it.
  bool add(const KeypointSet& driving);
  /// The index of the best frame, from 0. Undefined while distance() is infinite.
  size_t index() const { return index_; }
  /// The pose_distance of the best frame and the picture; infinite if no frame has a pose.
  double distance() const { return distance_; }

 private:
  KeypointSet source_;
  size_t count_ = 0, index_ = 0;
  double distance_ = std::numeric_limits<double>::infinity();
};

} // namespace fomo
