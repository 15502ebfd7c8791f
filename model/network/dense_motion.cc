// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/network/dense_motion.h"

#include <ATen/ATen.h>

namespace fomo {

namespace {

/// exp(-|z - kp|^2 / (2 variance)) at every cell z: [N, K, h, w].
at::Tensor gaussians(const at::Tensor& kp, const at::Tensor& grid, double variance) {
  const at::Tensor from_kp = grid - kp.unsqueeze(2).unsqueeze(2);
  return at::exp(from_kp.square().sum(-1) * (-0.5 / variance));
}

/// Equations (4) and (5): T_{S<-D}(z) = T_{S<-R}(p_k) + J_k (z - T_{D<-R}(p_k)), with
/// J_k = (d T_{S<-R} / dp)(d T_{D<-R} / dp)^-1 at p_k; the identity first. [N, K+1, h, w, 2]
at::Tensor local_motions(const at::Tensor& grid, const Keypoints& kp_driving,
                         const Keypoints& kp_source) {
  at::Tensor motion = grid - kp_driving.value.unsqueeze(2).unsqueeze(2);
  if (kp_source.jacobian.defined() && kp_driving.jacobian.defined()) {
    const at::Tensor jacobian =
        at::matmul(kp_source.jacobian, inverse_2x2(kp_driving.jacobian)).unsqueeze(2).unsqueeze(2);
    // Column by column, which is faster than a batched matrix product for every cell.
    motion = jacobian.select(-1, 0) * motion.narrow(-1, 0, 1) +
             jacobian.select(-1, 1) * motion.narrow(-1, 1, 1);
  }
  motion = motion + kp_source.value.unsqueeze(2).unsqueeze(2);
  const at::Tensor identity = grid.expand({motion.size(0), 1, -1, -1, -1});
  return at::cat({identity, motion}, 1);
}

} // namespace

DenseMotionNetwork::DenseMotionNetwork(const TensorMap& tensors, const ModelConfig& config,
                                       bool align)
    : kp_variance(config.dense_motion.kp_variance), align_corners(align) {
  const At at(tensors, "generator.dense_motion_network");
  down = AntiAlias(at, config.motion_stride());
  hourglass = Hourglass(at / "hourglass");
  mask = Conv2d(at / "mask", 3);
  if (config.generator.estimate_occlusion_map)
    occlusion = Conv2d(at / "occlusion", 3);
}

DenseMotionNetwork::Candidates DenseMotionNetwork::candidates(const at::Tensor& small_source,
                                                              const Keypoints& kp_driving,
                                                              const Keypoints& kp_source) const {
  const int64_t frames = small_source.size(0), channels = small_source.size(1);
  const int64_t height = small_source.size(2), width = small_source.size(3);
  const at::Tensor grid = coordinate_grid(height, width, small_source.options());

  // Equation (6): the difference of the keypoints' heatmaps in the driving and the source frame; 0
  // for the background.
  at::Tensor heatmaps = gaussians(kp_driving.value, grid, kp_variance) -
                        gaussians(kp_source.value, grid, kp_variance);
  heatmaps = at::cat({at::zeros_like(heatmaps.narrow(1, 0, 1)), heatmaps}, 1).unsqueeze(2);

  Candidates result;
  result.sparse_motion = local_motions(grid, kp_driving, kp_source);
  const int64_t motions = result.sparse_motion.size(1);

  const at::Tensor sources =
      small_source.unsqueeze(1).expand({-1, motions, -1, -1, -1}).flatten(0, 1);
  const at::Tensor deformed =
      sample_grid(sources, result.sparse_motion.flatten(0, 1), align_corners)
          .view({frames, motions, channels, height, width});
  result.input = at::cat({heatmaps, deformed}, 2).flatten(1, 2);
  return result;
}

DenseMotion DenseMotionNetwork::combine(const Candidates& candidates,
                                        const at::Tensor& bias) const {
  const at::Tensor features = hourglass(candidates.input);
  DenseMotion motion;
  at::Tensor logits = mask(features).to(at::kFloat);
  if (bias.defined())
    logits = logits + bias.unsqueeze(0);
  motion.mask = at::softmax(logits, 1);
  // Equation (7): T_{S<-D}(z) = M_0 z + sum_k M_k (T_{S<-R}(p_k) + J_k (z - T_{D<-R}(p_k))).
  motion.deformation = (candidates.sparse_motion * motion.mask.unsqueeze(-1)).sum(1);
  if (occlusion.weight.defined())
    motion.occlusion = at::sigmoid(occlusion(features).to(at::kFloat));
  return motion;
}

DenseMotion DenseMotionNetwork::operator()(const at::Tensor& source, const Keypoints& kp_driving,
                                           const Keypoints& kp_source) const {
  return combine(candidates(down(source), kp_driving, kp_source));
}

} // namespace fomo
