// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "train/fit/batch.h"
#include "train/fit/openings.h"
#include "train/fit/stage.h"

namespace fomo::train {
namespace {

// Share of the training over which the weight moves from the heatmaps' loss to the other losses.
constexpr double kFindingShare = 0.08;
constexpr double kHeatmapSigma = 0.05; // of the target heatmaps, normalised

// Keypoints and heatmaps of the detector in one pass.
struct Detected {
  Keypoints keypoints;
  at::Tensor heatmap;
};

Detected detect(const KeypointDetector& detector, const at::Tensor& frames) {
  const KeypointDetector::Maps maps = detector.maps(frames);
  const at::Tensor& heat = maps.heatmap;
  const at::Tensor grid = coordinate_grid(heat.size(2), heat.size(3), heat.options());
  Detected result;
  result.keypoints.value = at::matmul(heat.flatten(2), grid.view({-1, 2}));
  result.keypoints.jacobian = at::matmul(maps.jacobian.flatten(3), heat.flatten(2).unsqueeze(-1))
                                  .squeeze(-1)
                                  .unflatten(-1, {2, 2});
  result.heatmap = heat;
  return result;
}

// The landmarks' weights in the loss. Lids and lips weigh most.
at::Tensor landmark_weights() {
  at::Tensor weight = at::ones({1, kLandmarks, 1}, at::kFloat);
  for (const Opening& opening : {kEyes[0], kEyes[1], kMouth})
    for (const Landmark edge : {opening.upper, opening.lower})
      weight.select(1, edge).fill_(3);
  for (const Landmark corner : {kMouthLeft, kMouthRight})
    weight.select(1, corner).fill_(2);
  return weight;
}

class KeypointStage : public Stage {
 public:
  KeypointStage(TensorMap& weights, const ModelConfig& config, const Dataset& train,
                const Dataset& valid, const StageOptions& options)
      : detector_(weights, config), train_(train), valid_(valid), options_(options),
        weight_(landmark_weights().to(options.device)) {}

  std::string part() const override { return kKeypointPart; }
  int batch() const override { return options_.batch; }
  void set_training(bool training) override { train::set_training(detector_, training); }

  Batch draw(render::Random& random) const override {
    const Augmentation augmentation{true, true, 0.5f, false};
    return draw_batch(train_, options_.batch, augmentation, options_.device, random);
  }

  at::Tensor loss(Drawn& drawn, double progress, Metrics& metrics) override {
    const Batch& batch = drawn.batch;
    const at::Tensor truth = at::cat({batch.kp_source.value, batch.kp_driving.value});
    const at::Tensor true_jacobian = at::cat({batch.kp_source.jacobian, batch.kp_driving.jacobian});
    const Detected found = detect(detector_, at::cat({batch.source, batch.driving}));
    const at::Tensor error = found.keypoints.value - truth;
    const at::Tensor position = (error.abs() * weight_).mean();
    // With relative motion an error that both frames share cancels out. `movement` penalises the
    // difference of the errors.
    const int64_t n = options_.batch;
    const at::Tensor movement =
        ((error.narrow(0, 0, n) - error.narrow(0, n, n)).abs() * weight_).mean();
    const at::Tensor opening = (openings(found.keypoints.value) - openings(truth)).abs().mean();
    const at::Tensor jacobian = (found.keypoints.jacobian - true_jacobian).abs().mean();
    const at::Tensor heat = heatmap_loss(found.heatmap, truth);
    metrics["px"] = error.detach().norm(2, -1).mean().item<double>() * 126;
    metrics["jac"] = jacobian.item<double>();
    metrics["open"] = opening.item<double>() * 126;
    // While heatmaps are flat, cells far from the keypoint change its position most. So the
    // heatmaps' loss comes first, and concentrates them around the keypoint.
    const double found_share =
        options_.pretrained ? 1 : std::min(1.0, 0.1 + progress / kFindingShare);
    return found_share * (10 * position + 8 * movement + 10 * opening + 3 * jacobian) +
           (0.3 + 2.7 * (1 - found_share)) * heat;
  }

  Metrics validate() override {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> found, truth, jacobian, true_jacobian;
    for (int i = 0; i < options_.validation_pairs; i += 8) {
      const Batch batch = take_batch(valid_, static_cast<size_t>(i), 8, options_.device);
      const Keypoints kp = detector_(at::cat({batch.source, batch.driving}));
      found.push_back(kp.value.view({2, -1, kLandmarks, 2}));
      jacobian.push_back(kp.jacobian.flatten());
      truth.push_back(at::stack({batch.kp_source.value, batch.kp_driving.value}));
      true_jacobian.push_back(
          at::cat({batch.kp_source.jacobian, batch.kp_driving.jacobian}).flatten());
    }
    const at::Tensor error = at::cat(found, 1) - at::cat(truth, 1);
    const auto flat = [](const std::vector<at::Tensor>& t) { return at::cat(t, 1).flatten(0, 1); };
    const at::Tensor open = openings(flat(found)).select(-1, 1),
                     true_open = openings(flat(truth)).select(-1, 1);
    const at::Tensor distance = error.norm(2, -1) * 126;
    const at::Tensor seen = (at::cat(truth, 1).abs() < 1).all(-1);
    return {{"px", distance.mean().item<double>()},
            {"seen", distance.masked_select(seen).mean().item<double>()},
            {"move", (error[0] - error[1]).norm(2, -1).mean().item<double>() * 126},
            {"eyes", correlation(open.narrow(1, 0, 2), true_open.narrow(1, 0, 2))},
            {"mouth", correlation(open.narrow(1, 2, 1), true_open.narrow(1, 2, 1))},
            {"jac", (at::cat(jacobian) - at::cat(true_jacobian)).abs().mean().item<double>()}};
  }

 private:
  static double correlation(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor x = a - a.mean(), y = b - b.mean();
    return ((x * y).sum() / (x.square().sum() * y.square().sum()).sqrt().clamp_min(1e-9))
        .item<double>();
  }

  // Cross-entropy of the heatmaps against Gaussians around the true keypoints.
  static at::Tensor heatmap_loss(const at::Tensor& heatmap, const at::Tensor& truth) {
    const at::Tensor grid = coordinate_grid(heatmap.size(2), heatmap.size(3), heatmap.options());
    const at::Tensor from = grid - truth.unsqueeze(2).unsqueeze(2);
    at::Tensor target = at::exp(from.square().sum(-1) * (-0.5 / (kHeatmapSigma * kHeatmapSigma)));
    target = target / target.sum({2, 3}, true).clamp_min(1e-3);
    return -(target * (heatmap + 1e-9).log()).sum({2, 3}).mean();
  }

  KeypointDetector detector_;
  const Dataset& train_;
  const Dataset& valid_;
  StageOptions options_;
  at::Tensor weight_;
};

} // namespace

std::unique_ptr<Stage> keypoint_stage(TensorMap& weights, const ModelConfig& config,
                                      const Dataset& train, const Dataset& valid,
                                      const StageOptions& options) {
  return std::make_unique<KeypointStage>(weights, config, train, valid, options);
}

} // namespace fomo::train
