// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/adam.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace fomo::train {
namespace {

// Inputs of a convolution, cells of its kernel counted, up to which the full learning rate is used.
constexpr double kFullRateInputs = 144;

double rate_of(const at::Tensor& weight) {
  if (weight.dim() < 2)
    return 1;
  return std::min(1.0, kFullRateInputs * static_cast<double>(weight.size(0)) /
                           static_cast<double>(weight.numel()));
}

} // namespace

void Adam::reset(TensorMap& weights, const std::vector<std::string>& names) {
  slots_.clear();
  steps_ = 0;
  for (const std::string& name : names) {
    at::Tensor& weight = weights.at(name);
    weight.requires_grad_(true);
    slots_.push_back({name, name.substr(0, name.find('.')), weight, at::zeros_like(weight),
                      at::zeros_like(weight), rate_of(weight)});
  }
}

double Adam::step(double learning_rate) {
  const at::NoGradGuard no_grad;
  std::map<std::string, double> squares; // of each network
  double square = 0;
  for (const Slot& slot : slots_)
    if (slot.weight.grad().defined())
      squares[slot.network] += slot.weight.grad().square().sum().item<double>();
  for (const auto& [network, sum] : squares)
    square += sum;
  const double norm = std::sqrt(square);
  if (std::isfinite(norm)) {
    steps_++;
    const double unbias1 = 1 - std::pow(beta1, static_cast<double>(steps_));
    const double unbias2 = 1 - std::pow(beta2, static_cast<double>(steps_));
    for (Slot& slot : slots_) {
      if (!slot.weight.grad().defined())
        continue;
      const double its_norm = std::sqrt(squares.at(slot.network));
      const at::Tensor grad = slot.weight.grad() * (its_norm > clip ? clip / its_norm : 1);
      slot.first.mul_(beta1).add_(grad, 1 - beta1);
      slot.second.mul_(beta2).addcmul_(grad, grad, 1 - beta2);
      const at::Tensor scale = (slot.second / unbias2).sqrt_().add_(epsilon);
      slot.weight.addcdiv_(slot.first, scale, -learning_rate * slot.rate / unbias1);
    }
  }
  for (Slot& slot : slots_)
    slot.weight.mutable_grad().reset();
  return norm;
}

void Adam::save(TensorMap& out) const {
  for (const Slot& slot : slots_) {
    out["adam.m/" + slot.name] = slot.first;
    out["adam.v/" + slot.name] = slot.second;
  }
}

void Adam::load(const TensorMap& in, int64_t steps) {
  for (Slot& slot : slots_) {
    slot.first.copy_(in.at("adam.m/" + slot.name));
    slot.second.copy_(in.at("adam.v/" + slot.name));
  }
  steps_ = steps;
}

} // namespace fomo::train
