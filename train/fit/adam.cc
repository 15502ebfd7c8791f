// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/adam.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace fomo::train {
namespace {

// A convolution's number of inputs (input channels × kernel cells) up to which the weights use the
// full learning rate.
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
  std::vector<at::Tensor> weights, grads, firsts, seconds;
  std::vector<const Slot*> slots;
  for (const Slot& slot : slots_) {
    if (!slot.weight.grad().defined())
      continue;
    slots.push_back(&slot);
    weights.push_back(slot.weight);
    grads.push_back(slot.weight.grad());
    firsts.push_back(slot.first);
    seconds.push_back(slot.second);
  }
  if (slots.empty())
    return 0;
  const at::Tensor norms = at::stack(at::_foreach_norm(grads)).cpu();
  std::map<std::string, double> squares; // squared gradient norm of each network
  for (size_t i = 0; i < slots.size(); i++)
    squares[slots[i]->network] += std::pow(norms.const_data_ptr<float>()[i], 2);
  double square = 0;
  for (const auto& [network, sum] : squares)
    square += sum;
  const double norm = std::sqrt(square);
  if (std::isfinite(norm)) {
    steps_++;
    const double unbias1 = 1 - std::pow(beta1, static_cast<double>(steps_));
    const double unbias2 = 1 - std::pow(beta2, static_cast<double>(steps_));
    std::vector<at::Scalar> shrink, rates;
    for (const Slot* slot : slots) {
      const double its_norm = std::sqrt(squares.at(slot->network));
      shrink.push_back(its_norm > clip ? clip / its_norm : 1);
      rates.push_back(-learning_rate * slot->rate / unbias1);
    }
    // The _foreach operations update all tensors at once. On a GPU one kernel launch for each
    // tensor would take longer than the arithmetic.
    at::_foreach_mul_(grads, shrink);
    at::_foreach_mul_(firsts, beta1);
    at::_foreach_add_(firsts, grads, 1 - beta1);
    at::_foreach_mul_(seconds, beta2);
    at::_foreach_addcmul_(seconds, grads, grads, 1 - beta2);
    const std::vector<at::Tensor> scale = at::_foreach_div(seconds, unbias2);
    at::_foreach_sqrt_(scale);
    at::_foreach_add_(scale, epsilon);
    at::_foreach_addcdiv_(weights, firsts, scale, rates);
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
