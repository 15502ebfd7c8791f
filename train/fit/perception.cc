// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/perception.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "model/checkpoint/safetensors.h"

namespace fomo::train {
namespace {

constexpr int kScales = 4;
// The convolutions of torchvision's VGG-19 by layer number. FOMM's loss takes the features relu1_1
// … relu5_1. A 2x2 max pooling follows layers 3, 8, 17 and 26.
constexpr int kConvolutions[] = {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28};

bool is_feature(int layer) {
  return layer == 0 || layer == 5 || layer == 10 || layer == 19 || layer == 28;
}
bool is_pooled(int layer) { return layer == 2 || layer == 7 || layer == 16 || layer == 25; }

} // namespace

Perception::Perception(const std::string& path, at::Device device) {
  if (path.empty())
    return;
  const SafetensorsFile file = SafetensorsFile::open(path);
  const auto load = [&](const std::string& name) {
    const StoredTensor& stored = file.at(name);
    at::Tensor tensor = at::empty(stored.shape, at::kFloat);
    copy_to_floats(stored, tensor.mutable_data_ptr<float>());
    return tensor.to(device);
  };
  for (const int layer : kConvolutions) {
    const std::string name = "features." + std::to_string(layer);
    Conv2d conv;
    conv.weight = load(name + ".weight");
    conv.bias = load(name + ".bias");
    conv.padding = 1;
    vgg_[layer] = conv;
  }
}

std::vector<at::Tensor> Perception::features(const at::Tensor& picture) const {
  if (vgg_.empty())
    return {picture, 2 * (picture.slice(2, 1) - picture.slice(2, 0, -1)),
            2 * (picture.slice(3, 1) - picture.slice(3, 0, -1))};
  const at::Tensor mean =
      at::tensor({0.485f, 0.456f, 0.406f}, picture.options()).view({1, 3, 1, 1});
  const at::Tensor deviation =
      at::tensor({0.229f, 0.224f, 0.225f}, picture.options()).view({1, 3, 1, 1});
  at::Tensor x = (picture - mean) / deviation;
  std::vector<at::Tensor> result;
  for (const auto& [layer, conv] : vgg_) {
    x = at::relu(conv(x));
    if (is_feature(layer))
      result.push_back(x);
    if (is_pooled(layer))
      x = at::max_pool2d(x, {2, 2});
  }
  return result;
}

at::Tensor Perception::distance(const at::Tensor& a, const at::Tensor& b) const {
  at::Tensor x = a, y = b, sum = at::zeros({}, a.options());
  for (int scale = 0; scale < kScales; scale++) {
    const auto mine = features(x), other = features(y);
    for (size_t i = 0; i < mine.size(); i++)
      sum = sum + (mine[i] - other[i].detach()).abs().mean();
    x = at::avg_pool2d(x, {2, 2});
    y = at::avg_pool2d(y, {2, 2});
  }
  return sum;
}

} // namespace fomo::train
