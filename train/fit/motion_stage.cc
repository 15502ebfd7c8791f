// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "train/fit/noise.h"
#include "train/fit/openings.h"
#include "train/fit/stage.h"

namespace fomo::train {
namespace {

// Distance, normalised, outside of a lid's or lip's edge at which the deformation is sampled. Edges
// that touch would otherwise be one place with two different targets.
constexpr double kEdgeMargin = 0.02;

// Weight of the mouth in the occlusion map's loss, added to the weight that the flow's loss has
// there. The lips begin where the hidden part of the mouth ends.
constexpr double kHoleFocus = 15;
// In a mouth, a hidden cell counts 1 + kHoleFavour times as much as a visible one. With equal
// weights an unsure network ends the hidden part too early, three pixels from either lip.
constexpr double kHoleFavour = 2;

// The shift [K, 2] of each lid's and lip's edge outwards by kEdgeMargin, in an upright face; zero
// for the other keypoints.
at::Tensor edge_margins(const at::TensorOptions& options) {
  at::Tensor shift = at::zeros({kLandmarks, 2}, options);
  for (const Opening& opening : {kEyes[0], kEyes[1], kMouth}) {
    shift[opening.upper][1] = -kEdgeMargin;
    shift[opening.lower][1] = kEdgeMargin;
  }
  return shift;
}

// The area between the edges of an eye's lids.
struct Eye {
  at::Tensor middle, opening; // [N, 2]
  at::Tensor along;           // [N, 2] half of the eye's width, along the eye
  at::Tensor down;            // [N, 2] at right angles to `along`, kEdgeMargin long

  Eye(const at::Tensor& kp, const Opening& lids)
      : middle((kp.select(1, lids.upper) + kp.select(1, lids.lower)) / 2),
        opening(kp.select(1, lids.lower) - kp.select(1, lids.upper)),
        along((kp.select(1, kLeftUpperLid) + kp.select(1, kLeftLowerLid) -
               kp.select(1, kRightUpperLid) - kp.select(1, kRightLowerLid)) *
              (kHalfWidth / 2)),
        down(at::stack({-along.select(1, 1), along.select(1, 0)}, 1)) {
    down = down / down.norm(2, 1, true).clamp_min(1e-6) * kEdgeMargin;
  }

  // A point of the eye, [N, 1, 2]. `u` goes along the eye from -1 to 1, `t` from the upper lid (0)
  // to the lower lid (1). `out` -1 shifts the point up by kEdgeMargin, 1 shifts it down, 0 does
  // not.
  at::Tensor place(double u, double t, int out) const {
    return (middle + along * u + opening * ((t - 0.5) * (1 - u * u)) + down * out).unsqueeze(1);
  }

  static constexpr double kHalfWidth = 0.24; // of the distance between the eyes
};

// Points of the driving frame and the same points of the source, [N, ., 2] each, and their weights
// [N, ., 1].
struct Anchors {
  std::vector<at::Tensor> driving, source, weight;

  void add(const at::Tensor& in_driving, const at::Tensor& in_source, const at::Tensor& how_much) {
    driving.push_back(in_driving);
    source.push_back(in_source);
    weight.push_back(how_much);
  }
};

// Corresponding points that the deformation has to map onto each other, however small the part. The
// lids' points are derived from the given keypoints: the lids of an eye that shuts hide what is
// behind them, so the true flow has almost no information there. The lips' points come from the
// pair's true keypoints: lips are visible, and a detector's keypoints may miss them.
Anchors anchors(const Keypoints& source, const Keypoints& driving, const Batch& pair) {
  constexpr double open = 0.06;
  Anchors result;
  const at::Tensor one = at::ones({source.value.size(0), 1, 1}, source.value.options());
  result.add(driving.value, source.value, 0.5 * one.expand({-1, kLandmarks, 1}));
  for (const Opening& lids : kEyes) {
    const Eye from(source.value, lids), to(driving.value, lids);
    const at::Tensor seen =
        (to.opening.norm(2, 1, true).unsqueeze(-1) / open).clamp(0, 1); // 0: shut, 1: open
    for (const double u : {-0.5, 0.0, 0.5}) {
      result.add(to.place(u, 0, -1), from.place(u, 0, -1), one * 3);
      result.add(to.place(u, 1, 1), from.place(u, 1, 1), one * 3);
      for (const double t : {0.25, 0.5, 0.75})
        result.add(to.place(u, t, 0), from.place(u, t, 0), seen * 0.5);
    }
  }
  const at::Tensor out = edge_margins(source.value.options());
  for (const Landmark lip : {kMouth.upper, kMouth.lower})
    result.add((pair.kp_driving.value + out).narrow(1, lip, 1),
               (pair.kp_source.value + out).narrow(1, lip, 1), one * 2);
  return result;
}

// Samples a deformation [N, H, W, 2] at `places` [N, M, 2]: where in the source they come from.
at::Tensor sample_deformation(const at::Tensor& deformation, const at::Tensor& places) {
  return sample_grid(deformation.permute({0, 3, 1, 2}), places.unsqueeze(1), true)
      .squeeze(2)
      .transpose(1, 2);
}

// Weight map [N, 1, 64, 64] of the true flow: low around the eyes, where the anchors of the lids
// replace the true flow, 1 elsewhere.
at::Tensor outside_eyes(const at::Tensor& keypoints) {
  at::Tensor weight = at::ones({keypoints.size(0), kCells, kCells}, keypoints.options());
  for (const Opening& lids : kEyes)
    weight = weight - 0.95 * spot_on(keypoints, lids, kCells, kCells, 0.08, 0.05);
  return weight.clamp_min(0).unsqueeze(1);
}

class MotionStage : public Stage {
 public:
  MotionStage(TensorMap& weights, const ModelConfig& config, const Dataset& train,
              const Dataset& valid, const StageOptions& options)
      : detector_(weights, config), network_(weights, config, true), train_(train), valid_(valid),
        options_(options) {}

  std::string part() const override { return kMotionPart; }
  int batch() const override { return options_.batch; }
  void set_training(bool training) override { train::set_training(network_, training); }

  Batch draw(render::Random& random) const override {
    const Augmentation augmentation{false, false, 0.5f, true};
    return draw_batch(train_, options_.batch, augmentation, options_.device, random);
  }

  at::Tensor loss(Drawn& drawn, double, Metrics& metrics) override {
    const Batch& batch = drawn.batch;
    render::Random& random = drawn.random;
    Keypoints source = batch.kp_source, driving = batch.kp_driving;
    const double kind = random.uniform();
    const bool is_led = kind < options_.led;
    if (is_led)
      driving = transfer_from_driver(batch);
    if (!is_led && kind < options_.led + options_.detected)
      detect(batch, source, driving);
    else
      disturb(random, source, driving);
    const at::Tensor small = network_.down(batch.source);
    const DenseMotion motion = network_.combine(network_.candidates(small, driving, source));
    // Where the source hides what the driving frame shows there is no true flow: a low weight.
    const at::Tensor focus = eye_and_mouth_weight(batch.kp_driving.value, kCells, kCells, 5);
    const at::Tensor importance = (0.08 + 0.92 * batch.visibility) * (0.4 + 0.6 * batch.person) *
                                  focus * outside_eyes(batch.kp_driving.value);
    const at::Tensor distance = (motion.deformation - batch.flow).abs().sum(-1).unsqueeze(1);
    const at::Tensor flow = (distance * importance).mean();
    const at::Tensor occlusion = at::binary_cross_entropy(
        motion.occlusion.clamp(1e-5, 1 - 1e-5), batch.visibility,
        focus +
            kHoleFocus * (1 + kHoleFavour * (1 - batch.visibility)) *
                spot_on(batch.kp_driving.value, kMouth, kCells, kCells, 0.16, 0.12).unsqueeze(1));
    const at::Tensor warped = sample_grid(small, motion.deformation, true);
    const at::Tensor likeness =
        ((warped - network_.down(batch.driving)).abs() * batch.visibility * focus).mean();
    // Keypoints transferred from the driver give the motion, but not the exact places on this face.
    // So their anchors are those of the pair's true keypoints.
    const Anchors anchor = is_led ? anchors(batch.kp_source, batch.kp_driving, batch)
                                  : anchors(source, driving, batch);
    const at::Tensor missed = ((sample_deformation(motion.deformation, at::cat(anchor.driving, 1)) -
                                at::cat(anchor.source, 1))
                                   .abs() *
                               at::cat(anchor.weight, 1))
                                  .mean();
    metrics["flow"] = flow_error(motion.deformation, batch);
    metrics["occ"] = occlusion.item<double>();
    metrics["miss"] = missed.item<double>() * 126;
    // The driver's lips tell where the mouth should be open, not where this pair's mouth is open.
    // So the occlusion map is not compared with the truth there.
    return 10 * flow + (is_led ? 0 : 0.5) * occlusion + 2 * likeness + 20 * missed;
  }

  Metrics validate() override {
    const at::NoGradGuard no_grad;
    double on_truth = 0, on_detected = 0, on_led = 0, still = 0, occlusion = 0, focus = 0;
    std::vector<at::Tensor> predicted, expected; // changes of openings
    int count = 0;
    for (int i = 0; i < options_.validation_pairs; i += 8, count++) {
      const Batch batch = take_batch(valid_, static_cast<size_t>(i), 8, options_.device);
      const DenseMotion truth = network_(batch.source, batch.kp_driving, batch.kp_source);
      const DenseMotion detected =
          network_(batch.source, detector_(batch.driving), detector_(batch.source));
      on_truth += flow_error(truth.deformation, batch);
      on_led += flow_error(
          network_(batch.source, transfer_from_driver(batch), batch.kp_source).deformation, batch);
      on_detected += flow_error(detected.deformation, batch);
      const at::Tensor identity =
          coordinate_grid(kCells, kCells, batch.flow.options()).expand_as(batch.flow);
      still += flow_error(identity, batch);
      focus += focused_error(truth.deformation, batch);
      change_of_openings(detected.deformation, batch, predicted, expected);
      occlusion += at::binary_cross_entropy(truth.occlusion, batch.visibility).item<double>();
    }
    return {{"true", on_truth / count},
            {"detected", on_detected / count},
            {"led", on_led / count},
            {"still", still / count},
            {"eyes+mouth", focus / count},
            {"eyes", slope(predicted, expected, 0, 2)},
            {"mouth", slope(predicted, expected, 2, 1)},
            {"occ", occlusion / count}};
  }

 private:
  // Mean flow error on the visible part of the person, in pixels of a 256×256 picture.
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

  // Appends how much the openings of eyes and mouth, [N, 3], change from the driving frame to the
  // source by the deformation (`predicted`) and by the true keypoints (`expected`).
  static void change_of_openings(const at::Tensor& deformation, const Batch& batch,
                                 std::vector<at::Tensor>& predicted,
                                 std::vector<at::Tensor>& expected) {
    const at::Tensor out = edge_margins(deformation.options()), &here = batch.kp_driving.value;
    const at::Tensor before = openings(here);
    predicted.push_back(
        (openings(sample_deformation(deformation, here + out) - out) - before).select(-1, 1));
    expected.push_back((openings(batch.kp_source.value) - before).select(-1, 1));
  }

  // Slope of the regression (through zero) of the predicted on the expected changes, over the
  // `parts` columns from `first` on: 1 if the whole change is predicted.
  static double slope(const std::vector<at::Tensor>& all_predicted,
                      const std::vector<at::Tensor>& all_expected, int64_t first, int64_t parts) {
    const at::Tensor predicted = at::cat(all_predicted).narrow(1, first, parts),
                     expected = at::cat(all_expected).narrow(1, first, parts);
    return ((predicted * expected).sum() / expected.square().sum().clamp_min(1e-9)).item<double>();
  }

  void detect(const Batch& batch, Keypoints& source, Keypoints& driving) const {
    const at::NoGradGuard no_grad;
    source = detector_(batch.source);
    driving = detector_(batch.driving);
  }

  // Adds noise that resembles a detector's errors: a large error that both frames of an identity
  // share, and a small error of each frame.
  static void disturb(render::Random& random, Keypoints& source, Keypoints& driving) {
    const auto noise = [&](const at::Tensor& like, float deviation) {
      return normal(like.sizes(), deviation, like.device(), random);
    };
    const at::Tensor shared = noise(source.value, 0.025f);
    source.value = source.value + shared + noise(source.value, 0.006f);
    driving.value = driving.value + shared + noise(driving.value, 0.006f);
    source.jacobian = source.jacobian + noise(source.jacobian, 0.05f);
    driving.jacobian = driving.jacobian + noise(driving.jacobian, 0.05f);
  }

  KeypointDetector detector_;
  DenseMotionNetwork network_;
  const Dataset& train_;
  const Dataset& valid_;
  StageOptions options_;
};

} // namespace

std::unique_ptr<Stage> motion_stage(TensorMap& weights, const ModelConfig& config,
                                    const Dataset& train, const Dataset& valid,
                                    const StageOptions& options) {
  return std::make_unique<MotionStage>(weights, config, train, valid, options);
}

} // namespace fomo::train
