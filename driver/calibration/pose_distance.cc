// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/pose_distance.h"

#include <cmath>
#include <vector>

namespace fomo {

namespace {

/// The keypoints minus their mean, divided by the square root of their hull's area; empty if the
/// hull has no area.
std::vector<double> normalised(const KeypointSet& keypoints) {
  constexpr double degenerate = 1e-8;
  const double area = hull_area(keypoints.value.data(), keypoints.count);
  if (!(area > degenerate) || !std::isfinite(area))
    return {};
  double mean[2] = {0, 0};
  for (size_t i = 0; i < keypoints.value.size(); i++)
    mean[i % 2] += keypoints.value[i] / static_cast<double>(keypoints.count);
  std::vector<double> result;
  for (size_t i = 0; i < keypoints.value.size(); i++)
    result.push_back((keypoints.value[i] - mean[i % 2]) / std::sqrt(area));
  return result;
}

} // namespace

double pose_distance(const KeypointSet& a, const KeypointSet& b) {
  const std::vector<double> first = normalised(a), second = normalised(b);
  double sum = 0;
  for (size_t i = 0; i < first.size() && i < second.size(); i++)
    sum += (first[i] - second[i]) * (first[i] - second[i]);
  if (first.empty() || first.size() != second.size() || !std::isfinite(sum))
    return std::numeric_limits<double>::infinity();
  return sum;
}

bool BestFrameSearch::add(const KeypointSet& driving) {
  const double distance = pose_distance(source_, driving);
  const bool better = distance < distance_;
  if (better) {
    distance_ = distance;
    index_ = count_;
  }
  count_++;
  return better;
}

} // namespace fomo
