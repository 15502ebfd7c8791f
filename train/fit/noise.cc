// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/noise.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>

namespace fomo::train {

at::Tensor normal(at::IntArrayRef shape, float deviation, at::Device device,
                  render::Random& random) {
  at::Tensor out = at::empty(shape, at::kFloat);
  float* values = out.mutable_data_ptr<float>();
  for (int64_t i = 0; i < out.numel(); i++)
    values[i] = random.normal(deviation);
  return out.to(device);
}

at::Tensor grained(const at::Tensor& pictures, double deviation, render::Random& random) {
  at::Generator generator = at::globalContext().defaultGenerator(pictures.device()).clone();
  generator.set_current_seed(random.next());
  return pictures + at::empty_like(pictures).normal_(0, deviation, generator);
}

} // namespace fomo::train
