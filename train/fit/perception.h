// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/layers.h"

namespace fomo::train {

/// The distance of two pictures in FOMM's reconstruction loss: of VGG-19 features at several scales
/// if the user has VGG-19's weights, otherwise of colours and their gradients.
class Perception {
 public:
  /// `path`: .safetensors file with VGG-19's convolutions under torchvision's names
  /// ("features.0.weight" …), or empty for colours and gradients. Throws Error.
  explicit Perception(const std::string& path, at::Device device = at::kCPU);

  /// Mean distance of pictures [N, 3, H, W] in [0, 1] over the scales 1, 1/2, 1/4, 1/8.
  at::Tensor distance(const at::Tensor& a, const at::Tensor& b) const;

 private:
  std::vector<at::Tensor> features(const at::Tensor& picture) const;

  std::map<int, Conv2d> vgg_; ///< by torchvision's layer number
};

} // namespace fomo::train
