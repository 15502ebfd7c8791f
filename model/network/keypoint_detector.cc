// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/network/keypoint_detector.h"

#include <ATen/ATen.h>

namespace fomo {

KeypointDetector::KeypointDetector(const TensorMap& tensors, const ModelConfig& config)
    : down(At(tensors, "kp_detector"), config.keypoint_stride()),
      predictor(At(tensors, "kp_detector.predictor")),
      heatmap(At(tensors, "kp_detector.kp"), config.kp_detector.pad),
      temperature(config.kp_detector.temperature) {
  if (config.estimate_jacobian)
    jacobian = Conv2d(At(tensors, "kp_detector.jacobian"), config.kp_detector.pad);
}

KeypointDetector::Maps KeypointDetector::maps(const at::Tensor& frames) const {
  const at::Tensor features = predictor(down(frames));
  // The rest is fp32: at temperature 0.1 the rounding of fp16 would move the keypoints.
  const at::Tensor logits = heatmap(features).to(at::kFloat);
  Maps maps;
  maps.heatmap = at::softmax(logits.flatten(2) / temperature, 2).view_as(logits);
  if (jacobian.weight.defined())
    maps.jacobian = jacobian(features).to(at::kFloat).unflatten(1, {-1, 4});
  return maps;
}

Keypoints KeypointDetector::operator()(const at::Tensor& frames) const {
  return expectation(maps(frames));
}

Keypoints KeypointDetector::expectation(const Maps& maps) {
  const at::Tensor& heat = maps.heatmap;
  const at::Tensor grid = coordinate_grid(heat.size(2), heat.size(3), heat.options());
  Keypoints keypoints;
  keypoints.value = (heat.unsqueeze(-1) * grid).sum({2, 3});
  if (maps.jacobian.defined())
    keypoints.jacobian = (heat.unsqueeze(2) * maps.jacobian).sum({3, 4}).unflatten(-1, {2, 2});
  return keypoints;
}

} // namespace fomo
