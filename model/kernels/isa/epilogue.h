// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/isa/functions.h"

namespace fomo::kernels::FOMO_ISA {

FOMO_INLINE v8 activate(v8 x, Activation activation) {
  if (activation == Activation::relu)
    return relu(x);
  if (activation == Activation::sigmoid)
    return sigmoid(x);
  return x;
}

} // namespace fomo::kernels::FOMO_ISA
