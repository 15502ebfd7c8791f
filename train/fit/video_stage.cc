// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "train/fit/perception.h"
#include "train/fit/stage.h"
#include "train/fit/transform.h"

namespace fomo::train {
namespace {

// Weights of FOMM's losses.
constexpr double kPerceptual = 10, kEquivariance = 10;

// FOMM's training: one frame of a video is reconstructed from another (section 3.3).
class VideoStage : public Stage {
 public:
  VideoStage(TensorMap& weights, const ModelConfig& config, const Videos& train,
             const Videos& valid, const StageOptions& options)
      : network_(weights, config, true), side_(config.frame_height), train_(train), valid_(valid),
        options_(options), perception_(options.vgg, options.device) {}

  std::string part() const override { return "video"; }
  bool trains(const std::string&) const override { return true; }
  int batch() const override { return options_.batch; }

  void set_training(bool training) override {
    train::set_training(network_.kp_detector, training);
    train::set_training(network_.generator.dense_motion, training);
    train::set_training(network_.generator, training);
  }

  Batch draw(render::Random& random) const override {
    return draw_from(train_, options_.batch, random);
  }

  at::Tensor loss(Drawn& drawn, double, Metrics& metrics) override {
    const at::Tensor &source = drawn.batch.source, &driving = drawn.batch.driving;
    const Keypoints kp_source = network_.kp_detector(source),
                    kp_driving = network_.kp_detector(driving);
    const at::Tensor out = reconstruct(source, kp_source, kp_driving);
    const at::Tensor perceptual = perception_.distance(out, driving);
    const Transform transform(driving.size(0), options_.device, drawn.random);
    const Keypoints seen = network_.kp_detector(transform.frame(driving));
    const at::Tensor value = (kp_driving.value - transform.points(seen.value)).abs().mean();
    at::Tensor total = kPerceptual * perceptual + kEquivariance * value;
    if (kp_driving.jacobian.defined()) {
      // 1 = J_driving^-1 dT J_transformed
      const at::Tensor back = at::matmul(inverse_2x2(kp_driving.jacobian),
                                         at::matmul(transform.jacobian(seen.value), seen.jacobian));
      const at::Tensor jacobian = (back - at::eye(2, back.options())).abs().mean();
      metrics["eq_jac"] = jacobian.item<double>();
      total = total + kEquivariance * jacobian;
    }
    metrics["l1"] = (out - driving).abs().mean().item<double>();
    metrics["eq"] = value.item<double>();
    return total;
  }

  Metrics validate() override {
    const at::NoGradGuard no_grad;
    double mine = 0, copy = 0;
    int count = 0;
    for (int i = 0; i < options_.validation_pairs; i += 4, count++) {
      render::Random random(777, static_cast<uint64_t>(i));
      const Batch batch = draw_from(valid_, 4, random);
      const at::Tensor &source = batch.source, &driving = batch.driving;
      mine += (reconstruct(source, network_.kp_detector(source), network_.kp_detector(driving)) -
               driving)
                  .abs()
                  .mean()
                  .item<double>();
      copy += (source - driving).abs().mean().item<double>();
    }
    return {{"l1", mine / count}, {"copy", copy / count}};
  }

 private:
  Batch draw_from(const Videos& videos, int count, render::Random& random) const {
    std::vector<cv::Mat> source, driving;
    for (int i = 0; i < count; i++) {
      auto [first, second] = videos.draw(side_, random);
      source.push_back(first);
      driving.push_back(second);
    }
    Batch batch;
    batch.source = stack_pictures(source);
    batch.driving = stack_pictures(driving);
    return load(batch, options_.device);
  }

  at::Tensor reconstruct(const at::Tensor& source, const Keypoints& kp_source,
                         const Keypoints& kp_driving) const {
    const DenseMotion motion = network_.generator.dense_motion(source, kp_driving, kp_source);
    return network_.generator.decode(network_.generator.encode(source), source, motion);
  }

  Network network_;
  int side_;
  const Videos &train_, &valid_;
  StageOptions options_;
  Perception perception_;
};

} // namespace

std::unique_ptr<Stage> video_stage(TensorMap& weights, const ModelConfig& config,
                                   const Videos& train, const Videos& valid,
                                   const StageOptions& options) {
  return std::make_unique<VideoStage>(weights, config, train, valid, options);
}

} // namespace fomo::train
