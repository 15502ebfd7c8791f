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

// Share of the training in the first phase: true motion only, and no discriminator.
constexpr double kFirstPhase = 0.4;
// Deviation of the noise that is added to both real and generated pictures before the discriminator
// sees them. Without it the discriminator learns to detect the noise of rendered pictures, which
// the generator cannot predict, instead of looking at lips and lids.
constexpr double kGrain = 0.03;
// Weight of the reconstruction loss of the generated picture beneath the source's own pixels
// (`keep_source`).
constexpr double kBeneath = 0.4;
// Weight of pixels around eyes and mouth, added to the weight 1 of all pixels.
constexpr double kFocus = 6;
// Weight of hidden pixels inside a mouth, added to kFocus. They are dark or bright; with a small
// weight the generator would draw the mean of both.
constexpr double kInside = 8;
constexpr int kSize = 256, kPixelsPerCell = kSize / kCells;

// The cell (fractional) at a normalised coordinate.
double cell_of(double x) { return (x + 1) / 2 * (kCells - 1); }

// The top left corner of a crop, in cells.
struct Corner {
  int64_t x, y;
};

// The first of `cells` cells around `middle`, moved so that all of them lie in the picture.
int64_t corner(double middle, int64_t cells) {
  return std::clamp<int64_t>(std::llround(middle - static_cast<double>(cells) / 2), 0,
                             kCells - cells);
}

// A crop of the driving frame, the crop of the source that it comes from, and the motion between
// the two.
struct Square {
  at::Tensor source, driving;
  at::Tensor trust; // 0..1: how well generated and driving pixels correspond
  at::Tensor focus; // weight of each pixel in the loss, `trust` included
  bool exact;       // `motion` is the ground truth
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
    const bool second_phase = options_.pretrained || progress > kFirstPhase;
    Batch& batch = drawn.batch;
    render::Random& random = drawn.random;
    at::Tensor trust;
    if (random.chance(0.12f)) // no motion: the source is the driving frame
      make_still(batch);
    else if (second_phase && random.chance(static_cast<float>(options_.predicted)))
      trust = predict(batch);
    else if (random.chance(0.6f))
      blur_visibility(batch, random);
    const Square crop = cut(batch, trust, options_.crop / kPixelsPerCell, random);
    const at::Tensor painted = network_.paint(network_.encode(crop.source), crop.motion);
    const at::Tensor out =
        network_.keep_source ? network_.keep(painted, crop.source, crop.motion) : painted;
    metrics["l1"] = (out - crop.driving).detach().abs().mean().item<double>();
    const bool learns = at::GradMode::is_enabled(); // false while batch norm is calibrated
    const at::Tensor loss = discriminator_ && second_phase && learns
                                ? combined_loss(out, crop, random, metrics)
                                : reconstruction_loss(out, crop);
    // The source's kept pixels cover the generated ones. Where the occlusion map is wrong the
    // generated pixels show, so they have to be right as well.
    return network_.keep_source ? loss + kBeneath * reconstruction_loss(painted, crop) : loss;
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
  // L1 of the values, plus L1 of the gradients at three scales.
  static at::Tensor reconstruction_loss(const at::Tensor& out, const Square& crop) {
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

  // Reconstruction, adversarial and discriminator loss. The gradients of the first two with respect
  // to the picture are balanced: the adversarial gradient's norm is `adversarial` times that of the
  // reconstruction gradient, whatever the scale of the adversarial loss.
  at::Tensor combined_loss(const at::Tensor& out, const Square& crop, render::Random& random,
                           Metrics& metrics) const {
    at::Tensor compared = out.detach().requires_grad_(), judged = out.detach().requires_grad_();
    const at::Tensor reconstruction = reconstruction_loss(compared, crop);
    const at::Tensor truth = grained(crop.driving, kGrain, random);
    const at::Tensor adversarial =
        discriminator_->generator_loss(truth, grained(judged, kGrain, random), crop.exact);
    reconstruction.backward();
    adversarial.backward();
    const at::Tensor ratio = compared.grad().norm() / judged.grad().norm().clamp_min(1e-12);
    const at::Tensor gradient = compared.grad() + options_.adversarial * ratio * judged.grad();
    const at::Tensor discriminator = discriminator_->loss(truth, grained(out, kGrain, random));
    metrics["fooled"] = adversarial.item<double>();
    metrics["judge"] = discriminator.item<double>();
    // `pull - pull.detach()` is zero, and its derivative with respect to `out` is `gradient`.
    const at::Tensor pull = (out * gradient).sum();
    return reconstruction.detach() + pull - pull.detach() + discriminator;
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

  // Replaces the batch's motion by the motion network's. Returns the trust map [N, 1, 64, 64]:
  // where a picture made with this motion can be compared with the driving frame. That is where the
  // motion is right, where the source is hidden and the network predicts so, and around the eyes,
  // because lids do not follow the true flow. Elsewhere, for example where the lips are displaced,
  // the comparison would teach the generator to blur.
  at::Tensor predict(Batch& batch) const {
    // The motion error, normalised, at which the trust is exp(-1).
    constexpr double fair = 2.5 / 126;
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

  // Makes the true visibility resemble a predicted crisp occlusion map: edges are blurred, and the
  // values do not reach 0.
  static void blur_visibility(Batch& batch, render::Random& random) {
    const int64_t reach = random.index(2); // cells
    if (reach > 0)
      batch.visibility = at::avg_pool2d(batch.visibility, 2 * reach + 1, 1, reach, false, false);
    const double lowest = random.uniform(0, 0.15f);
    batch.visibility = lowest + (1 - lowest) * batch.visibility;
  }

  static void make_still(Batch& batch) {
    batch.driving = batch.source;
    batch.kp_driving = batch.kp_source;
    batch.flow =
        coordinate_grid(kCells, kCells, batch.flow.options()).expand_as(batch.flow).contiguous();
    batch.visibility = at::ones_like(batch.visibility);
  }

  // Random corners of crops: most crops lie around an eye, the mouth or the nose, the others
  // anywhere.
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

  // Corners of the source crops from which the visible part of the driving frame's crops comes.
  // `flow` [N, cells, cells, 2] and `visibility` [N, 1, cells, cells] are those of the crops.
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

  // Cuts a square of `side` from each of `maps` [N, C, H, W] at `corners` times `step`.
  static at::Tensor crops(const at::Tensor& maps, const std::vector<Corner>& corners, int64_t side,
                          int64_t step = 1) {
    std::vector<at::Tensor> result;
    for (size_t i = 0; i < corners.size(); i++)
      result.push_back(maps[static_cast<int64_t>(i)]
                           .narrow(1, corners[i].y * step, side)
                           .narrow(2, corners[i].x * step, side));
    return at::stack(result);
  }

  // Cuts a pair of crops from each pair of the batch. `trusted` is the trust map that `predict`
  // returns, or undefined if the batch's motion is the ground truth.
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
