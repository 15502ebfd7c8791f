// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/head_fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace fomo {

using namespace landmark;

const HeadLandmark kAverageHead[kLandmarks] = {
    {{0.293, -1.113, 1.251}, 0.5},  {{0.293, -1.027, 1.240}, 0.7}, {{-0.293, -1.113, 1.251}, 0.5},
    {{-0.293, -1.027, 1.240}, 0.7}, {{0.320, -1.298, 1.293}, 0.2}, {{-0.320, -1.298, 1.293}, 0.2},
    {{0, -0.728, 1.496}, 1},        {{0.234, -0.404, 1.287}, 0.2}, {{-0.234, -0.404, 1.287}, 0.2},
    {{0, -0.425, 1.369}, 0.1},      {{0, -0.407, 1.377}, 0.05},    {{0, -0.087, 1.301}, 0.05},
    {{0, -1.595, 1.267}, 1},        {{0.679, -0.821, 0.310}, 0.7}, {{-0.679, -0.821, 0.310}, 0.7},
    {{0, 0.515, 0.608}, 0},
};

namespace {

/// A first guess of the picture's pose: facing the camera, with the size of the keypoints.
HeadPose facing(const KeypointSet& source) {
  double mean[2] = {}, spread = 0, own_spread = 0;
  for (size_t k = 0; k < kFaceLandmarks; k++)
    for (size_t axis = 0; axis < 2; axis++)
      mean[axis] += source.value[2 * k + axis] / kFaceLandmarks;
  HeadPoint middle;
  for (size_t k = 0; k < kFaceLandmarks; k++)
    middle = {middle.x + kAverageHead[k].at.x / kFaceLandmarks,
              middle.y + kAverageHead[k].at.y / kFaceLandmarks, 0};
  for (size_t k = 0; k < kFaceLandmarks; k++) {
    spread += std::hypot(source.value[2 * k] - mean[0], source.value[2 * k + 1] - mean[1]);
    own_spread += std::hypot(kAverageHead[k].at.x - middle.x, kAverageHead[k].at.y - middle.y);
  }
  HeadPose pose;
  pose.scale = std::max(spread, 1e-3) / own_spread;
  pose.x = mean[0] - pose.scale * middle.x;
  pose.y = mean[1] - pose.scale * middle.y;
  return pose;
}

} // namespace

bool have_names(const KeypointSet& keypoints) {
  return are_keypoints(keypoints.count, keypoints.on_face, keypoints.first_mouth,
                       keypoints.first_ear);
}

HeadFit fit_head(const KeypointSet& source, const KeypointSet& animated) {
  HeadFit fit;
  std::vector<double> weights;
  for (const HeadLandmark& mark : kAverageHead) {
    fit.shape.push_back(mark.at);
    weights.push_back(mark.rigidity);
  }
  fit.still = fit_head_pose(fit.shape, source.value.data(), weights, facing(source));
  const Turn back = inverse(fit.still.turn);
  for (size_t k = 0; k < kLandmarks; k++)
    fit.shape[k] = back * HeadPoint{(source.value[2 * k] - fit.still.x) / fit.still.scale,
                                    (source.value[2 * k + 1] - fit.still.y) / fit.still.scale,
                                    (fit.still.turn * fit.shape[k]).near};
  fit.moved = fit_head_pose(fit.shape, animated.value.data(), weights, fit.still);
  return fit;
}

} // namespace fomo
