// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include "train/render/random.h"

namespace fomo::train {

/// Normal deviates, drawn one by one: the same on every device. For a few.
at::Tensor normal(at::IntArrayRef shape, float deviation, at::Device device,
                  render::Random& random);

/// Pictures with normal noise that their own device draws from a seed of `random`'s.
at::Tensor grained(const at::Tensor& pictures, double deviation, render::Random& random);

} // namespace fomo::train
