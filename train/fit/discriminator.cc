// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/discriminator.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <iterator>

namespace fomo::train {
namespace {

// Weight of the feature matching loss, relative to that of the adversarial loss.
constexpr double kFeatureMatching = 4;

struct Layer {
  int64_t in, out, kernel, stride;
};
// Each output of the last layer has a receptive field of 46×46 pixels.
constexpr Layer kLayers[] = {
    {3, 24, 4, 2}, {24, 48, 4, 2}, {48, 72, 4, 2}, {72, 72, 3, 1}, {72, 1, 1, 1}};

std::string name_of(size_t layer, const char* what) {
  return "discriminator." + std::to_string(layer) + "." + what;
}

} // namespace

void Discriminator::add_weights(TensorMap& weights, uint64_t seed) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  for (size_t i = 0; i < std::size(kLayers); i++) {
    const Layer& l = kLayers[i];
    const double deviation = std::sqrt(2.0 / static_cast<double>(l.in * l.kernel * l.kernel));
    weights[name_of(i, "weight")] =
        at::empty({l.out, l.in, l.kernel, l.kernel}, at::kFloat).normal_(0, deviation, generator);
    weights[name_of(i, "bias")] = at::zeros({l.out}, at::kFloat);
  }
}

Discriminator::Discriminator(const TensorMap& weights) {
  for (size_t i = 0; i < std::size(kLayers); i++) {
    weight.push_back(weights.at(name_of(i, "weight")));
    bias.push_back(weights.at(name_of(i, "bias")));
  }
}

std::vector<at::Tensor> Discriminator::operator()(const at::Tensor& pictures, bool frozen) const {
  std::vector<at::Tensor> seen;
  at::Tensor x = 2 * pictures - 1;
  for (size_t i = 0; i < weight.size(); i++) {
    const Layer& l = kLayers[i];
    x = at::conv2d(x, frozen ? weight[i].detach() : weight[i], frozen ? bias[i].detach() : bias[i],
                   l.stride, (l.kernel - 1) / 2);
    if (i + 1 < weight.size())
      x = at::leaky_relu(x, 0.2);
    seen.push_back(x);
  }
  return seen;
}

at::Tensor Discriminator::loss(const at::Tensor& truth, const at::Tensor& made) const {
  const at::Tensor real = (*this)(truth, false).back(), fake = (*this)(made.detach(), false).back();
  return (real - 1).square().mean() + fake.square().mean();
}

at::Tensor Discriminator::generator_loss(const at::Tensor& truth, const at::Tensor& made,
                                         bool match_features) const {
  const auto mine = (*this)(made, true);
  if (!match_features)
    return (mine.back() - 1).square().mean();
  std::vector<at::Tensor> theirs;
  {
    const at::NoGradGuard no_grad;
    theirs = (*this)(truth, true);
  }
  at::Tensor sum = (mine.back() - 1).square().mean();
  for (size_t i = 0; i + 1 < mine.size(); i++)
    sum = sum + kFeatureMatching * (mine[i] - theirs[i]).abs().mean();
  return sum;
}

} // namespace fomo::train
