// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "train/data/landmarks.h"
#include "train/fit/batch.h"
#include "train/fit/stage.h"

namespace fomo::train {
namespace {

class MotionStage : public Stage {
 public:
  MotionStage(TensorMap& weights, const ModelConfig& config, Dataset& train, const Dataset& valid,
              const StageOptions& options)
      : detector_(weights, config), network_(weights, config, true), train_(train), valid_(valid),
        options_(options) {}

  std::string part() const override { return kMotionPart; }
  int batch() const override { return options_.batch; }
  void set_training(bool training) override { train::set_training(network_, training); }

  at::Tensor loss(render::Random& random, double, Metrics& metrics) override {
    const Augmentation augmentation{false, false, 0.5f, true};
    const Batch batch = draw_batch(train_, options_.batch, augmentation, random);
    Keypoints source = batch.kp_source, driving = batch.kp_driving;
    if (random.chance(static_cast<float>(options_.detected)))
      detect(batch, source, driving);
    else
      disturb(random, source, driving);
    const at::Tensor small = network_.down(batch.source);
    const DenseMotion motion = network_.combine(network_.candidates(small, driving, source));
    // Where the driving frame shows what the source hides, no flow is right.
    const at::Tensor focus = eye_and_mouth_weight(batch.kp_driving.value, kCells, kCells, 5);
    const at::Tensor importance =
        (0.08 + 0.92 * batch.visibility) * (0.4 + 0.6 * batch.person) * focus;
    const at::Tensor distance = (motion.deformation - batch.flow).abs().sum(-1).unsqueeze(1);
    const at::Tensor flow = (distance * importance).mean();
    const at::Tensor occlusion = at::binary_cross_entropy(motion.occlusion.clamp(1e-5, 1 - 1e-5),
                                                          batch.visibility, focus.sqrt());
    const at::Tensor warped = sample_grid(small, motion.deformation, true);
    const at::Tensor likeness =
        ((warped - network_.down(batch.driving)).abs() * batch.visibility * focus).mean();
    metrics["flow"] = flow_error(motion.deformation, batch);
    metrics["occ"] = occlusion.item<double>();
    return 10 * flow + 0.4 * occlusion + 2 * likeness;
  }

  Metrics validate() override {
    const at::NoGradGuard no_grad;
    double on_truth = 0, on_detected = 0, still = 0, occlusion = 0, focus = 0;
    int count = 0;
    for (int i = 0; i < options_.validation_pairs; i += 8, count++) {
      const Batch batch = take_batch(valid_, static_cast<size_t>(i), 8);
      const DenseMotion truth = network_(batch.source, batch.kp_driving, batch.kp_source);
      const DenseMotion detected =
          network_(batch.source, detector_(batch.driving), detector_(batch.source));
      on_truth += flow_error(truth.deformation, batch);
      on_detected += flow_error(detected.deformation, batch);
      const at::Tensor identity =
          coordinate_grid(kCells, kCells, batch.flow.options()).expand_as(batch.flow);
      still += flow_error(identity, batch);
      focus += focused_error(truth.deformation, batch);
      occlusion += at::binary_cross_entropy(truth.occlusion, batch.visibility).item<double>();
    }
    return {{"true", on_truth / count},
            {"detected", on_detected / count},
            {"still", still / count},
            {"eyes+mouth", focus / count},
            {"occ", occlusion / count}};
  }

 private:
  // Mean error on the visible person, pixels of 256.
  static double flow_error(const at::Tensor& deformation, const Batch& batch) {
    const at::Tensor weight = (batch.visibility * batch.person).squeeze(1);
    return 126 * (((deformation.detach() - batch.flow).norm(2, -1) * weight).sum() /
                  weight.sum().clamp_min(1))
                     .item<double>();
  }

  static double focused_error(const at::Tensor& deformation, const Batch& batch) {
    const at::Tensor near = eye_and_mouth_weight(batch.kp_driving.value, kCells, kCells, 1) - 1;
    const at::Tensor weight = (batch.visibility * batch.person * near).squeeze(1);
    return 126 *
           (((deformation - batch.flow).norm(2, -1) * weight).sum() / weight.sum().clamp_min(1))
               .item<double>();
  }

  void detect(const Batch& batch, Keypoints& source, Keypoints& driving) const {
    const at::NoGradGuard no_grad;
    source = detector_(batch.source);
    driving = detector_(batch.driving);
  }

  // A detector's errors: most are shared by both frames of an identity, some are not.
  static void disturb(render::Random& random, Keypoints& source, Keypoints& driving) {
    const auto noise = [&](const at::Tensor& like, float deviation) {
      at::Tensor out = at::empty_like(like);
      float* values = out.mutable_data_ptr<float>();
      for (int64_t i = 0; i < out.numel(); i++)
        values[i] = random.normal(deviation);
      return out;
    };
    const at::Tensor shared = noise(source.value, 0.025f);
    source.value = source.value + shared + noise(source.value, 0.006f);
    driving.value = driving.value + shared + noise(driving.value, 0.006f);
    source.jacobian = source.jacobian + noise(source.jacobian, 0.05f);
    driving.jacobian = driving.jacobian + noise(driving.jacobian, 0.05f);
  }

  KeypointDetector detector_;
  DenseMotionNetwork network_;
  Dataset& train_;
  const Dataset& valid_;
  StageOptions options_;
};

} // namespace

std::unique_ptr<Stage> motion_stage(TensorMap& weights, const ModelConfig& config, Dataset& train,
                                    const Dataset& valid, const StageOptions& options) {
  return std::make_unique<MotionStage>(weights, config, train, valid, options);
}

} // namespace fomo::train
