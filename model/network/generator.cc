// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/network/generator.h"

#include <ATen/ATen.h>

namespace fomo {

Generator::Generator(const TensorMap& tensors, const ModelConfig& config, bool align_corners)
    : dense_motion(tensors, config, align_corners) {
  const At at(tensors, "generator");
  first = ConvBlock(at / "first");
  for (int i = 0; i < config.generator.num_down_blocks; i++) {
    down.emplace_back(at / "down_blocks" / std::to_string(i));
    up.emplace_back(at / "up_blocks" / std::to_string(i));
  }
  for (int i = 0; i < config.generator.num_bottleneck_blocks; i++)
    bottleneck.emplace_back(at / "bottleneck" / ("r" + std::to_string(i)));
  final = Conv2d(at / "final", 3);
  keep_source = config.generator.keep_source;
}

at::Tensor Generator::encode(const at::Tensor& source) const {
  at::Tensor features = first(source);
  for (const DownBlock& block : down)
    features = block(features);
  return features;
}

at::Tensor Generator::paint(const at::Tensor& features, const DenseMotion& motion) const {
  const int64_t height = features.size(2), width = features.size(3);
  const at::Tensor deformation =
      resize_bilinear(motion.deformation.permute({0, 3, 1, 2}), height, width)
          .permute({0, 2, 3, 1});
  const at::ScalarType type = features.scalar_type();
  // Always in fp32: bf16 resolves coordinates only to a quarter of a cell, and grid_sampler of
  // LibTorch 2.11 gives wrong results for bf16 on several CPU threads.
  at::Tensor out =
      sample_grid(features.to(at::kFloat), deformation, dense_motion.align_corners).to(type);
  // Equation (8): occlusion * warped features.
  if (motion.occlusion.defined())
    out = out * resize_bilinear(motion.occlusion, height, width).to(type);
  for (const ResBlock& block : bottleneck)
    out = block(out);
  for (const UpBlock& block : up)
    out = block(out);
  return at::sigmoid(final(out).to(at::kFloat));
}

at::Tensor Generator::keep(const at::Tensor& painted, const at::Tensor& source,
                           const DenseMotion& motion) const {
  const int64_t height = source.size(2), width = source.size(3);
  at::Tensor grid = resize_bilinear(motion.deformation.permute({0, 3, 1, 2}), height, width)
                        .permute({0, 2, 3, 1});
  // As picture_coordinate() in motion_math.h.
  if (dense_motion.align_corners) {
    const auto inner = [](int64_t cells) {
      return static_cast<float>(cells - 1) / static_cast<float>(cells);
    };
    grid = grid * at::tensor({inner(motion.deformation.size(2)), inner(motion.deformation.size(1))},
                             grid.options());
  }
  const at::Tensor opaque = at::ones_like(source.narrow(1, 0, 1));
  const at::Tensor moved = sample_grid(at::cat({source, opaque}, 1).to(at::kFloat), grid, false);
  const at::Tensor visible = resize_bilinear(motion.occlusion, height, width);
  return painted + visible * (moved.narrow(1, 0, 3) - moved.narrow(1, 3, 1) * painted);
}

at::Tensor Generator::decode(const at::Tensor& features, const at::Tensor& source,
                             const DenseMotion& motion) const {
  const at::Tensor painted = paint(features, motion);
  return keep_source ? keep(painted, source, motion) : painted;
}

} // namespace fomo
