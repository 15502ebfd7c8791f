// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/openings.h"

#include <ATen/ATen.h>

#include "model/network/layers.h"

namespace fomo::train {

at::Tensor openings(const at::Tensor& keypoints) {
  const auto of = [&](const Opening& opening) {
    return keypoints.select(1, opening.lower) - keypoints.select(1, opening.upper);
  };
  return at::stack({of(kEyes[0]), of(kEyes[1]), of(kMouth)}, 1);
}

at::Tensor spot_on(const at::Tensor& keypoints, const Opening& opening, int64_t height,
                   int64_t width, double sigma_x, double sigma_y) {
  const at::Tensor middle =
      (keypoints.select(1, opening.upper) + keypoints.select(1, opening.lower)) / 2;
  const at::Tensor from =
      (coordinate_grid(height, width, keypoints.options()) - middle.unsqueeze(1).unsqueeze(1)) /
      at::tensor({sigma_x, sigma_y}, keypoints.options());
  return at::exp(-0.5 * from.square().sum(-1));
}

at::Tensor eye_and_mouth_weight(const at::Tensor& keypoints, int64_t height, int64_t width,
                                double extra) {
  at::Tensor weight = at::ones({keypoints.size(0), height, width}, keypoints.options());
  for (const Opening& eye : kEyes)
    weight = weight + extra * spot_on(keypoints, eye, height, width, 0.10, 0.07);
  weight = weight + extra * spot_on(keypoints, kMouth, height, width, 0.16, 0.12);
  return weight.unsqueeze(1);
}

} // namespace fomo::train
