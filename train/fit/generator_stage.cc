// SPDX-License-Identifier: LGPL-2.1-or-later
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "train/fit/batch.h"
#include "train/fit/openings.h"
#include "train/fit/stage.h"

namespace fomo::train {
namespace {

constexpr int kSize = 256, kPixelsPerCell = kSize / kCells;

// Corner, in cells, of a crop of `cells` around `middle` that stays in the picture.
int64_t corner(double middle, int64_t cells) {
  return std::clamp<int64_t>(std::llround(middle - static_cast<double>(cells) / 2), 0,
                             kCells - cells);
}

// A crop of the driving frame, the crop of the source that it comes from, and the flow between.
struct Crop {
  at::Tensor source, driving, focus;
  DenseMotion motion;
};

class GeneratorStage : public Stage {
 public:
  GeneratorStage(TensorMap& weights, const ModelConfig& config, Dataset& train,
                 const Dataset& valid, const StageOptions& options)
      : network_(weights, config, true), train_(train), valid_(valid), options_(options) {}

  std::string part() const override { return kGeneratorPart; }
  int batch() const override { return options_.batch; }
  void set_training(bool training) override { train::set_training(network_, training); }

  at::Tensor loss(render::Random& random, double, Metrics& metrics) override {
    const Augmentation augmentation{false, false, 0.5f, true};
    Batch batch = draw_batch(train_, options_.batch, augmentation, random);
    if (random.chance(0.12f)) // the picture itself
      make_still(batch);
    else if (random.chance(0.6f))
      blur_visibility(batch, random);
    const Crop crop = cut(batch, options_.crop / kPixelsPerCell, random);
    const at::Tensor out = network_.decode(network_.encode(crop.source), crop.motion);
    const at::Tensor error = (out - crop.driving).abs();
    const at::Tensor value = (error * crop.focus).mean();
    at::Tensor edges = at::zeros({}, out.options()), a = out, b = crop.driving;
    for (int scale = 0; scale < 3; scale++) {
      edges = edges + gradient_error(a, b);
      a = at::avg_pool2d(a, {2, 2});
      b = at::avg_pool2d(b, {2, 2});
    }
    metrics["l1"] = error.mean().item<double>();
    return value + edges;
  }

  Metrics validate() override {
    const at::NoGradGuard no_grad;
    double mine = 0, copy = 0, sharp = 0, l1 = 0;
    int count = 0;
    for (int i = 0; i < options_.validation_pairs; i += 4, count++) {
      const Batch batch = take_batch(valid_, static_cast<size_t>(i), 4);
      const DenseMotion motion{batch.flow, {}, batch.visibility};
      const at::Tensor out = network_.decode(network_.encode(batch.source), motion);
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
  static at::Tensor laplacian(const at::Tensor& x) {
    const at::Tensor inner = x.slice(2, 1, -1).slice(3, 1, -1);
    return (4 * inner - x.slice(2, 2).slice(3, 1, -1) - x.slice(2, 0, -2).slice(3, 1, -1) -
            x.slice(2, 1, -1).slice(3, 2) - x.slice(2, 1, -1).slice(3, 0, -2))
        .var();
  }

  static at::Tensor gradient_error(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor d = a - b;
    return (d.slice(2, 1) - d.slice(2, 0, -1)).abs().mean() +
           (d.slice(3, 1) - d.slice(3, 0, -1)).abs().mean();
  }

  // As a motion network guesses it: soft, and never quite sure that something is hidden.
  static void blur_visibility(Batch& batch, render::Random& random) {
    const int64_t reach = random.index(3); // cells
    if (reach > 0)
      batch.visibility = at::avg_pool2d(batch.visibility, 2 * reach + 1, 1, reach, false, false);
    const double doubt = random.uniform(0, 0.4f);
    batch.visibility = doubt + (1 - doubt) * batch.visibility;
  }

  static void make_still(Batch& batch) {
    batch.driving = batch.source;
    batch.kp_driving = batch.kp_source;
    batch.flow =
        coordinate_grid(kCells, kCells, batch.flow.options()).expand_as(batch.flow).contiguous();
    batch.visibility = at::ones_like(batch.visibility);
  }

  static Crop cut(const Batch& batch, int64_t cells, render::Random& random) {
    std::vector<at::Tensor> source, driving, flow, visibility, focus;
    const at::Tensor weight = eye_and_mouth_weight(batch.kp_driving.value, kCells, kCells, 3);
    for (int64_t i = 0; i < batch.source.size(0); i++) {
      // Eyes or mouth in most crops, anything in the others.
      double x = random.uniform(0, kCells), y = random.uniform(0, kCells);
      if (random.chance(0.65f)) {
        static constexpr int places[] = {kLeftLowerLid, kRightLowerLid, kUpperLip, kNose, kNose};
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
    }
    Crop crop;
    crop.source = at::stack(source);
    crop.driving = at::stack(driving);
    crop.motion = {at::stack(flow), {}, at::stack(visibility)};
    crop.focus =
        at::upsample_nearest2d(at::stack(focus), {cells * kPixelsPerCell, cells * kPixelsPerCell});
    return crop;
  }

  Generator network_;
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
