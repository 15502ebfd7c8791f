// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <optional>

#include "train/fit/batch.h"
#include "train/fit/discriminator.h"
#include "train/fit/openings.h"
#include "train/fit/stage.h"

namespace fomo::train {
namespace {

// Share of the training on true motion and without a discriminator: first draw what is there.
constexpr double kTruthAlone = 0.4;
// Weight of the likeness of what is painted beneath the source's own pixels.
constexpr double kBeneath = 0.4;
// Of the crops' pixels, around eyes and mouth, beyond 1 elsewhere.
constexpr double kFocus = 6;
constexpr int kSize = 256, kPixelsPerCell = kSize / kCells;

// Corner, in cells, of a crop of `cells` around `middle` that stays in the picture.
int64_t corner(double middle, int64_t cells) {
  return std::clamp<int64_t>(std::llround(middle - static_cast<double>(cells) / 2), 0,
                             kCells - cells);
}

// A crop of the driving frame, the crop of the source that it comes from, and the flow between.
struct Crop {
  at::Tensor source, driving;
  at::Tensor trust; // how far the two can be compared, 0..1
  at::Tensor focus; // how much that matters
  bool exact;       // the motion is the true one
  DenseMotion motion;
};

class GeneratorStage : public Stage {
 public:
  GeneratorStage(TensorMap& weights, const ModelConfig& config, Dataset& train,
                 const Dataset& valid, const StageOptions& options)
      : network_(weights, config, true), train_(train), valid_(valid), options_(options) {
    if (options.adversarial > 0) {
      Discriminator::add_weights(weights, 1);
      discriminator_.emplace(weights);
    }
  }

  std::string part() const override { return kGeneratorPart; }
  int batch() const override { return options_.batch; }
  void set_training(bool training) override { train::set_training(network_, training); }

  at::Tensor loss(render::Random& random, double progress, Metrics& metrics) override {
    const bool skilled = options_.skilled || progress > kTruthAlone;
    const Augmentation augmentation{false, false, 0.5f, true};
    Batch batch = draw_batch(train_, options_.batch, augmentation, random);
    at::Tensor trust;
    if (random.chance(0.12f)) // the picture itself
      make_still(batch);
    else if (skilled && random.chance(static_cast<float>(options_.predicted)))
      trust = predict(batch);
    else if (random.chance(0.6f))
      blur_visibility(batch, random);
    const Crop crop = cut(batch, trust, options_.crop / kPixelsPerCell, random);
    const at::Tensor painted = network_.paint(network_.encode(crop.source), crop.motion);
    const at::Tensor out =
        network_.keep_source ? network_.keep(painted, crop.source, crop.motion) : painted;
    metrics["l1"] = (out - crop.driving).detach().abs().mean().item<double>();
    const bool learns = at::GradMode::is_enabled(); // or the norms are being calibrated
    const at::Tensor loss = discriminator_ && skilled && learns
                                ? both_losses(out, crop, random, metrics)
                                : unlikeness(out, crop);
    // What is kept of the source hides what is painted there, which shows when the map errs.
    return network_.keep_source ? loss + kBeneath * unlikeness(painted, crop) : loss;
  }

  Metrics validate() override {
    const at::NoGradGuard no_grad;
    double mine = 0, copy = 0, sharp = 0, l1 = 0;
    int count = 0;
    for (int i = 0; i < options_.validation_pairs; i += 4, count++) {
      const Batch batch = take_batch(valid_, static_cast<size_t>(i), 4);
      const DenseMotion motion{batch.flow, {}, batch.visibility};
      const at::Tensor out = network_.decode(network_.encode(batch.source), batch.source, motion);
      l1 += (out - batch.driving).abs().mean().item<double>();
      mine += (out - batch.driving).square().mean().item<double>();
      copy += (batch.source - batch.driving).square().mean().item<double>();
      sharp += (laplacian(out) / laplacian(batch.driving)).item<double>();
    }
    const auto psnr = [&](double sum) { return -10 * std::log10(sum / count); };
    return {
        {"l1", l1 / count}, {"psnr", psnr(mine)}, {"copy", psnr(copy)}, {"sharp", sharp / count}};
  }

 private:
  // Of a picture and the truth: values and edges.
  static at::Tensor unlikeness(const at::Tensor& out, const Crop& crop) {
    at::Tensor sum = ((out - crop.driving).abs() * crop.focus).mean();
    at::Tensor a = out, b = crop.driving, trust = crop.trust;
    for (int scale = 0; scale < 3; scale++) {
      sum = sum + gradient_error(a, b, trust);
      a = at::avg_pool2d(a, {2, 2});
      b = at::avg_pool2d(b, {2, 2});
      trust = at::avg_pool2d(trust, {2, 2});
    }
    return sum;
  }

  // Both kinds of pictures get a grain: else a discriminator learns to look for the noise of
  // rendered pictures, which nobody can guess, and not at lips and lids.
  static at::Tensor grained(const at::Tensor& pictures, render::Random& random) {
    constexpr double grain = 0.03;
    at::Generator generator = at::detail::createCPUGenerator(random.next());
    return pictures + at::empty_like(pictures).normal_(0, grain, generator);
  }

  // The discriminator moves the picture by `adversarial` times as much as likeness does, whatever
  // the scale of its own loss.
  at::Tensor both_losses(const at::Tensor& out, const Crop& crop, render::Random& random,
                         Metrics& metrics) const {
    at::Tensor liked = out.detach().requires_grad_(), judged = out.detach().requires_grad_();
    const at::Tensor likeness = unlikeness(liked, crop);
    const at::Tensor truth = grained(crop.driving, random);
    const at::Tensor deception =
        discriminator_->deception(truth, grained(judged, random), crop.exact);
    likeness.backward();
    deception.backward();
    const at::Tensor ratio = liked.grad().norm() / judged.grad().norm().clamp_min(1e-12);
    const at::Tensor step = liked.grad() + options_.adversarial * ratio * judged.grad();
    const at::Tensor own = discriminator_->loss(truth, grained(out, random));
    metrics["fooled"] = deception.item<double>();
    metrics["judge"] = own.item<double>();
    const at::Tensor pull = (out * step).sum();
    return likeness.detach() + pull - pull.detach() + own;
  }

  static at::Tensor laplacian(const at::Tensor& x) {
    const at::Tensor inner = x.slice(2, 1, -1).slice(3, 1, -1);
    return (4 * inner - x.slice(2, 2).slice(3, 1, -1) - x.slice(2, 0, -2).slice(3, 1, -1) -
            x.slice(2, 1, -1).slice(3, 2) - x.slice(2, 1, -1).slice(3, 0, -2))
        .var();
  }

  static at::Tensor gradient_error(const at::Tensor& a, const at::Tensor& b,
                                   const at::Tensor& trust) {
    const at::Tensor d = a - b;
    return ((d.slice(2, 1) - d.slice(2, 0, -1)).abs() * trust.slice(2, 1)).mean() +
           ((d.slice(3, 1) - d.slice(3, 0, -1)).abs() * trust.slice(3, 1)).mean();
  }

  // Motion as the motion network tells it. Returns where a picture made from it can be compared
  // with the driving frame, [N, 1, 64, 64]: where the motion is right, where nothing is visible and
  // the network knows, and around the eyes, whose lids follow no true flow. Where lips are not
  // where they should be there is nothing to learn but blur.
  at::Tensor predict(Batch& batch) const {
    constexpr double fair = 2.5 / 126; // error of a motion that is right, normalised
    const at::NoGradGuard no_grad;
    const DenseMotion motion =
        network_.dense_motion(batch.source, batch.kp_driving, batch.kp_source);
    const at::Tensor error = (motion.deformation - batch.flow).norm(2, -1).unsqueeze(1);
    at::Tensor trust = at::exp(-(error / fair).square()) * batch.visibility;
    for (const Opening& lids : kEyes)
      trust = at::maximum(
          trust, spot_on(batch.kp_driving.value, lids, kCells, kCells, 0.10, 0.07).unsqueeze(1));
    batch.flow = motion.deformation;
    if (!motion.occlusion.defined())
      return trust;
    const at::Tensor hidden = 1 - batch.visibility;
    batch.visibility = crisp(motion.occlusion);
    return at::maximum(trust, hidden * (1 - batch.visibility));
  }

  // As a crisp motion network guesses it: not quite there, and not quite sure.
  static void blur_visibility(Batch& batch, render::Random& random) {
    const int64_t reach = random.index(2); // cells
    if (reach > 0)
      batch.visibility = at::avg_pool2d(batch.visibility, 2 * reach + 1, 1, reach, false, false);
    const double doubt = random.uniform(0, 0.15f);
    batch.visibility = doubt + (1 - doubt) * batch.visibility;
  }

  static void make_still(Batch& batch) {
    batch.driving = batch.source;
    batch.kp_driving = batch.kp_source;
    batch.flow =
        coordinate_grid(kCells, kCells, batch.flow.options()).expand_as(batch.flow).contiguous();
    batch.visibility = at::ones_like(batch.visibility);
  }

  // `trusted` is undefined where the motion is the true one.
  static Crop cut(const Batch& batch, const at::Tensor& trusted, int64_t cells,
                  render::Random& random) {
    std::vector<at::Tensor> source, driving, flow, visibility, focus, trust;
    const at::Tensor weight = eye_and_mouth_weight(batch.kp_driving.value, kCells, kCells, kFocus);
    const at::Tensor all = trusted.defined() ? trusted : at::ones_like(batch.visibility);
    for (int64_t i = 0; i < batch.source.size(0); i++) {
      // Eyes or mouth in most crops, anything in the others.
      double x = random.uniform(0, kCells), y = random.uniform(0, kCells);
      if (random.chance(0.65f)) {
        static constexpr int places[] = {kLeftLowerLid, kRightLowerLid, kUpperLip, kLowerLip,
                                         kNose};
        const at::Tensor at = batch.kp_driving.value[i][places[random.index(std::size(places))]];
        x = (at[0].item<double>() + 1) / 2 * (kCells - 1) + random.normal(4);
        y = (at[1].item<double>() + 1) / 2 * (kCells - 1) + random.normal(4);
      }
      const int64_t dx = corner(x, cells), dy = corner(y, cells);
      const at::Tensor here = batch.flow[i].slice(0, dy, dy + cells).slice(1, dx, dx + cells);
      const at::Tensor seen = batch.visibility[i].slice(1, dy, dy + cells).slice(2, dx, dx + cells);
      const at::Tensor middle =
          ((here * seen[0].unsqueeze(-1)).sum(at::IntArrayRef{0, 1}) / seen.sum().clamp_min(1) +
           1) /
          2 * (kCells - 1);
      const int64_t sx = corner(middle[0].item<double>() + 0.5, cells),
                    sy = corner(middle[1].item<double>() + 0.5, cells);
      const at::Tensor first = at::tensor({static_cast<float>(sx), static_cast<float>(sy)});
      const at::Tensor local =
          ((here + 1) / 2 * (kCells - 1) - first) / static_cast<double>(cells - 1) * 2 - 1;
      const at::Tensor inside = (local.abs() <= 1).all(-1).to(at::kFloat).unsqueeze(0);
      const auto pixels = [&](const at::Tensor& frame, int64_t cx, int64_t cy) {
        return frame.slice(1, cy * kPixelsPerCell, (cy + cells) * kPixelsPerCell)
            .slice(2, cx * kPixelsPerCell, (cx + cells) * kPixelsPerCell);
      };
      source.push_back(pixels(batch.source[i], sx, sy));
      driving.push_back(pixels(batch.driving[i], dx, dy));
      flow.push_back(local);
      visibility.push_back(seen * inside);
      focus.push_back(weight[i].slice(1, dy, dy + cells).slice(2, dx, dx + cells));
      trust.push_back(all[i].slice(1, dy, dy + cells).slice(2, dx, dx + cells));
    }
    Crop crop;
    crop.exact = !trusted.defined();
    crop.source = at::stack(source);
    crop.driving = at::stack(driving);
    crop.motion = {at::stack(flow), {}, at::stack(visibility)};
    const auto enlarged = [&](const std::vector<at::Tensor>& maps) {
      return at::upsample_nearest2d(at::stack(maps),
                                    {cells * kPixelsPerCell, cells * kPixelsPerCell});
    };
    crop.trust = enlarged(trust);
    crop.focus = enlarged(focus) * crop.trust;
    return crop;
  }

  Generator network_;
  std::optional<Discriminator> discriminator_;
  Dataset& train_;
  const Dataset& valid_;
  StageOptions options_;
};

} // namespace

std::unique_ptr<Stage> generator_stage(TensorMap& weights, const ModelConfig& config,
                                       Dataset& train, const Dataset& valid,
                                       const StageOptions& options) {
  return std::make_unique<GeneratorStage>(weights, config, train, valid, options);
}

} // namespace fomo::train
