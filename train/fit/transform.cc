// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/transform.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "train/fit/noise.h"

namespace fomo::train {
namespace {

constexpr int kSide = 5; // control points along one side
constexpr float kAffineDeviation = 0.05f, kSplineDeviation = 0.005f; // as in FOMM's vox config
constexpr double kNearest = 1e-6;                                    // keeps the logarithm finite

} // namespace

Transform::Transform(int64_t frames, at::Device device, render::Random& random)
    : affine_(at::eye(2, 3).to(device) + normal({frames, 2, 3}, kAffineDeviation, device, random)),
      control_(
          coordinate_grid(kSide, kSide, at::TensorOptions(device).dtype(at::kFloat)).view({-1, 2})),
      weight_(normal({frames, kSide * kSide, 2}, kSplineDeviation, device, random)) {}

at::Tensor Transform::points(const at::Tensor& z) const {
  const at::Tensor linear = at::matmul(z, affine_.narrow(2, 0, 2).transpose(1, 2)) +
                            affine_.narrow(2, 2, 1).transpose(1, 2);
  const at::Tensor square = (z.unsqueeze(2) - control_).square().sum(-1); // [N, K, 25]
  return linear + at::matmul(square * (square + kNearest).log(), weight_);
}

at::Tensor Transform::jacobian(const at::Tensor& z) const {
  // d(s log s)/dz = (log s + s / (s + tiny)) * 2 (z - c), with s = |z - c|^2.
  const at::Tensor from = z.unsqueeze(2) - control_, square = from.square().sum(-1, true);
  const at::Tensor slope =
      ((square + kNearest).log() + square / (square + kNearest)) * 2 * from; // [N, K, 25, 2]
  return affine_.narrow(2, 0, 2).unsqueeze(1) + at::einsum("ncd,nkce->nkde", {weight_, slope});
}

at::Tensor Transform::frame(const at::Tensor& frames) const {
  const int64_t height = frames.size(2), width = frames.size(3);
  const at::Tensor grid = coordinate_grid(height, width, frames.options())
                              .view({1, -1, 2})
                              .expand({frames.size(0), -1, -1});
  // Samples beyond the border are reflected; zero padding would add black areas.
  return at::grid_sampler(frames, points(grid).view({frames.size(0), height, width, 2}), 0, 2,
                          true);
}

} // namespace fomo::train
