// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "driver/calibration/crop_mapping.h"
#include "model/motion/keypoints.h"

namespace fomo::test {

/// Ten keypoints in a loose ring with Jacobians near the identity, as a trained model gives them.
inline KeypointSet some_pose(unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> shift(-0.15F, 0.15F), entry(-0.2F, 0.2F);
  KeypointSet pose;
  pose.count = 10;
  for (int k = 0; k < pose.count; k++) {
    const float angle = 0.6283F * static_cast<float>(k);
    pose.value.push_back(0.5F * std::cos(angle) + shift(random));
    pose.value.push_back(0.5F * std::sin(angle) + shift(random));
    for (float diagonal : {1.F, 0.F, 0.F, 1.F})
      pose.jacobian.push_back(diagonal + entry(random));
  }
  return pose;
}

/// The pose moved by (x, y), scaled and rotated around the centre of the picture.
inline KeypointSet moved(const KeypointSet& pose, double x, double y, double scale = 1,
                         double angle = 0) {
  const double c = scale * std::cos(angle), s = scale * std::sin(angle);
  KeypointSet result = pose;
  for (size_t i = 0; i < pose.value.size(); i += 2) {
    result.value[i] = static_cast<float>(c * pose.value[i] - s * pose.value[i + 1] + x);
    result.value[i + 1] = static_cast<float>(s * pose.value[i] + c * pose.value[i + 1] + y);
  }
  for (size_t i = 0; i < pose.jacobian.size(); i += 4)
    for (size_t j = 0; j < 2; j++) {
      const double top = pose.jacobian[i + j], bottom = pose.jacobian[i + 2 + j];
      result.jacobian[i + j] = static_cast<float>(c * top - s * bottom);
      result.jacobian[i + 2 + j] = static_cast<float>(s * top + c * bottom);
    }
  return result;
}

/// The largest difference of two numbers; infinite if the sizes differ or a number is NaN.
inline double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  const double infinite = std::numeric_limits<double>::infinity();
  double largest = a.size() == b.size() ? 0 : infinite;
  for (size_t i = 0; i < a.size() && i < b.size(); i++) {
    const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
    largest = std::max(largest, std::isnan(difference) ? infinite : difference);
  }
  return largest;
}
/// The largest difference of two coordinates or Jacobian entries.
inline double largest_difference(const KeypointSet& a, const KeypointSet& b) {
  return std::max(largest_difference(a.value, b.value), largest_difference(a.jacobian, b.jacobian));
}

/// Converts keypoints in coordinates of the frame to coordinates of a crop.
inline KeypointSet seen_in(const KeypointSet& in_frame, const Square& crop) {
  const Square whole{0, 0, 2}; // its normalised coordinates are pixel coordinates
  return map_keypoints(in_frame, whole, crop);
}

inline double determinant(const float* m) { return static_cast<double>(m[0]) * m[3] - m[1] * m[2]; }

} // namespace fomo::test
