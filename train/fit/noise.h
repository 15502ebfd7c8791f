// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include "train/render/random.h"

namespace fomo::train {

/// Normal noise, drawn one number at a time from `random`: the same on every device, but slow.
/// Meant for small tensors.
at::Tensor normal(at::IntArrayRef shape, float deviation, at::Device device,
                  render::Random& random);

/// Adds normal noise to pictures. The pictures' device draws the noise, with a seed from `random`.
at::Tensor grained(const at::Tensor& pictures, double deviation, render::Random& random);

} // namespace fomo::train
