// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/render/record.h"

namespace fomo::render {
namespace {

int16_t fixed(float x) { return cv::saturate_cast<int16_t>(x * train::kFlowScale); }

} // namespace

train::PairRecord to_record(const Pair& pair) {
  train::PairRecord result;
  for (size_t i = 0; i < 2; i++) {
    const cv::Mat& frame = pair.frames[i];
    result.frames.insert(result.frames.end(), frame.data, frame.data + frame.total() * 3);
    for (int k = 0; k < train::kLandmarks; k++) {
      const TrueKeypoints& kp = pair.keypoints[i];
      result.keypoints.insert(result.keypoints.end(), {kp.value[k].x, kp.value[k].y});
      result.jacobians.insert(result.jacobians.end(), kp.jacobian[k].begin(), kp.jacobian[k].end());
    }
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
