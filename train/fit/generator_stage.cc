// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <optional>

#include "train/fit/discriminator.h"
#include "train/fit/noise.h"
#include "train/fit/openings.h"
#include "train/fit/stage.h"

namespace fomo::train {
namespace {

// Share of the training on true motion and without a discriminator: first draw what is there.
constexpr double kTruthAlone = 0.4;
// Both kinds of pictures that a discriminator sees get a grain: else it learns to look for the
// noise of rendered pictures, which nobody can guess, and not at lips and lids.
constexpr double kGrain = 0.03;
// Weight of the likeness of what is painted beneath the source's own pixels.
constexpr double kBeneath = 0.4;
// Of the crops' pixels, around eyes and mouth, beyond 1 elsewhere.
constexpr double kFocus = 6;
// Beyond that, of what is hidden in a mouth: dark or bright, but never the mean of both.
constexpr double kInside = 8;
constexpr int kSize = 256, kPixelsPerCell = kSize / kCells;

// The cell of a normalised coordinate.
double cell_of(double x) { return (x + 1) / 2 * (kCells - 1); }

// Of a crop, in cells.
struct Corner {
  int64_t x, y;
};

// The first one of `cells` around `middle` that stay in the picture.
int64_t corner(double middle, int64_t cells) {
  return std::clamp<int64_t>(std::llround(middle - static_cast<double>(cells) / 2), 0,
                             kCells - cells);
}

// A crop of the driving frame, the crop of the source that it comes from, and the flow between.
struct Square {
  at::Tensor source, driving;
  at::Tensor trust; // how far the two can be compared, 0..1
  at::Tensor focus; // how much that matters
  bool exact;       // the motion is the true one
  DenseMotion motion;
};

class GeneratorStage : public Stage {
 public:
  GeneratorStage(TensorMap& weights, const ModelConfig& config, const Dataset& train,
                 const Dataset& valid, const StageOptions& options)
      : network_(weights, config, true), train_(train), valid_(valid), options_(options) {
    if (options.adversarial > 0) {
      Discriminator::add_weights(weights, 1);
      move_to(options.device, weights);
      discriminator_.emplace(weights);
    }
  }

  std::string part() const override { return kGeneratorPart; }
  int batch() const override { return options_.batch; }
  void set_training(bool training) override { train::set_training(network_, training); }

  Batch draw(render::Random& random) const override {
    const Augmentation augmentation{false, false, 0.5f, true, 0.5f};
    return draw_batch(train_, options_.batch, augmentation, options_.device, random);
  }

  at::Tensor loss(Drawn& drawn, double progress, Metrics& metrics) override {
    const bool skilled = options_.skilled || progress > kTruthAlone;
    Batch& batch = drawn.batch;
    render::Random& random = drawn.random;
    at::Tensor trust;
    if (random.chance(0.12f)) // the picture itself
      make_still(batch);
    else if (skilled && random.chance(static_cast<float>(options_.predicted)))
      trust = predict(batch);
    else if (random.chance(0.6f))
      blur_visibility(batch, random);
    const Square crop = cut(batch, trust, options_.crop / kPixelsPerCell, random);
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
      const Batch batch = take_batch(valid_, static_cast<size_t>(i), 4, options_.device);
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
  static at::Tensor unlikeness(const at::Tensor& out, const Square& crop) {
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

  // The discriminator moves the picture by `adversarial` times as much as likeness does, whatever
  // the scale of its own loss.
  at::Tensor both_losses(const at::Tensor& out, const Square& crop, render::Random& random,
                         Metrics& metrics) const {
    at::Tensor liked = out.detach().requires_grad_(), judged = out.detach().requires_grad_();
    const at::Tensor likeness = unlikeness(liked, crop);
    const at::Tensor truth = grained(crop.driving, kGrain, random);
    const at::Tensor deception =
        discriminator_->deception(truth, grained(judged, kGrain, random), crop.exact);
    likeness.backward();
    deception.backward();
    const at::Tensor ratio = liked.grad().norm() / judged.grad().norm().clamp_min(1e-12);
    const at::Tensor step = liked.grad() + options_.adversarial * ratio * judged.grad();
    const at::Tensor own = discriminator_->loss(truth, grained(out, kGrain, random));
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

  // Corners of crops, in cells: eyes or mouth are in most, anything in the others.
  static std::vector<Corner> choose(const at::Tensor& keypoints, int64_t cells,
                                    render::Random& random) {
    const at::Tensor here = keypoints.cpu();
    const auto place = here.accessor<float, 3>();
    std::vector<Corner> corners;
    for (int64_t i = 0; i < here.size(0); i++) {
      double x = random.uniform(0, kCells), y = random.uniform(0, kCells);
      if (random.chance(0.65f)) {
        static constexpr int places[] = {kLeftLowerLid, kRightLowerLid, kUpperLip, kLowerLip,
                                         kNose};
        const auto at = place[i][places[random.index(std::size(places))]];
        x = cell_of(at[0]) + random.normal(4);
        y = cell_of(at[1]) + random.normal(4);
      }
      corners.push_back({corner(x, cells), corner(y, cells)});
    }
    return corners;
  }

  // Where the visible part of crops of the driving frame comes from: flow [N, cells, cells, 2],
  // visibility [N, 1, cells, cells].
  static std::vector<Corner> origins(const at::Tensor& flow, const at::Tensor& visibility) {
    const at::Tensor seen = visibility.squeeze(1).unsqueeze(-1);
    const at::Tensor middle =
        ((flow * seen).sum(at::IntArrayRef{1, 2}) / seen.sum(at::IntArrayRef{1, 2}).clamp_min(1))
            .cpu();
    const auto place = middle.accessor<float, 2>();
    std::vector<Corner> corners;
    for (int64_t i = 0; i < middle.size(0); i++)
      corners.push_back({corner(cell_of(place[i][0]) + 0.5, flow.size(1)),
                         corner(cell_of(place[i][1]) + 0.5, flow.size(1))});
    return corners;
  }

  // Of [N, C, H, W], from each corner a square of `side`; corners count `step` at a time.
  static at::Tensor crops(const at::Tensor& maps, const std::vector<Corner>& corners, int64_t side,
                          int64_t step = 1) {
    std::vector<at::Tensor> result;
    for (size_t i = 0; i < corners.size(); i++)
      result.push_back(maps[static_cast<int64_t>(i)]
                           .narrow(1, corners[i].y * step, side)
                           .narrow(2, corners[i].x * step, side));
    return at::stack(result);
  }

  // `trusted` is undefined where the motion is the true one.
  static Square cut(const Batch& batch, const at::Tensor& trusted, int64_t cells,
                    render::Random& random) {
    const int64_t side = cells * kPixelsPerCell;
    const std::vector<Corner> to = choose(batch.kp_driving.value, cells, random);
    const at::Tensor flow =
        crops(batch.flow.permute({0, 3, 1, 2}), to, cells).permute({0, 2, 3, 1});
    const at::Tensor seen = crops(batch.visibility, to, cells);
    const std::vector<Corner> from = origins(flow, seen);
    std::vector<float> firsts;
    for (const Corner& c : from)
      firsts.insert(firsts.end(), {static_cast<float>(c.x), static_cast<float>(c.y)});
    const at::Tensor first = at::tensor(firsts).view({-1, 1, 1, 2}).to(flow.device());
    const at::Tensor local =
        ((flow + 1) / 2 * (kCells - 1) - first) / static_cast<double>(cells - 1) * 2 - 1;
    const at::Tensor inside = (local.abs() <= 1).all(-1).to(at::kFloat).unsqueeze(1);
    Square crop;
    crop.exact = !trusted.defined();
    crop.source = crops(batch.source, from, side, kPixelsPerCell);
    crop.driving = crops(batch.driving, to, side, kPixelsPerCell);
    crop.motion = {local, {}, seen * inside};
    const auto enlarged = [&](const at::Tensor& maps) {
      return at::upsample_nearest2d(crops(maps, to, cells), {side, side});
    };
    crop.trust = trusted.defined()
                     ? enlarged(trusted)
                     : at::ones({batch.source.size(0), 1, side, side}, seen.options());
    const at::Tensor inside_mouth =
        (1 - batch.visibility) *
        spot_on(batch.kp_driving.value, kMouth, kCells, kCells, 0.16, 0.12).unsqueeze(1);
    crop.focus = enlarged(eye_and_mouth_weight(batch.kp_driving.value, kCells, kCells, kFocus) +
                          kInside * inside_mouth) *
                 crop.trust;
    return crop;
  }

  Generator network_;
  std::optional<Discriminator> discriminator_;
  const Dataset& train_;
  const Dataset& valid_;
  StageOptions options_;
};

} // namespace

std::unique_ptr<Stage> generator_stage(TensorMap& weights, const ModelConfig& config,
                                       const Dataset& train, const Dataset& valid,
                                       const StageOptions& options) {
  return std::make_unique<GeneratorStage>(weights, config, train, valid, options);
}

} // namespace fomo::train
