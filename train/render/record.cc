// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/record.h"

namespace fomo::render {
namespace {

int16_t fixed(float x) { return cv::saturate_cast<int16_t>(x * train::kFlowScale); }

void append(const TrueKeypoints& kp, std::vector<float>& values, std::vector<float>& jacobians) {
  for (int k = 0; k < train::kLandmarks; k++) {
    values.insert(values.end(), {kp.value[k].x, kp.value[k].y});
    jacobians.insert(jacobians.end(), kp.jacobian[k].begin(), kp.jacobian[k].end());
  }
}

} // namespace

train::PairRecord to_record(const Pair& pair) {
  train::PairRecord result;
  for (size_t i = 0; i < 2; i++) {
    const cv::Mat& frame = pair.frames[i];
    result.frames.insert(result.frames.end(), frame.data, frame.data + frame.total() * 3);
    append(pair.keypoints[i], result.keypoints, result.jacobians);
    append(pair.driver[i], result.driver_keypoints, result.driver_jacobians);
    const TrueFlow& flow = pair.flow[i];
    for (const Vec2& f : flow.flow)
      result.flow.insert(result.flow.end(), {fixed(f.x), fixed(f.y)});
    result.visibility.insert(result.visibility.end(), flow.visibility.begin(),
                             flow.visibility.end());
    result.person.insert(result.person.end(), flow.person.begin(), flow.person.end());
  }
  return result;
}

} // namespace fomo::render
