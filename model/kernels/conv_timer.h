// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/conv.h"

namespace fomo::kernels {

/// Times convolutions on this machine. Keeps the memory of the largest convolution so far.
class ConvTimer {
 public:
  explicit ConvTimer(const Executor& executor) : executor_(executor) {}

  /// Seconds of one run with made-up weights.
  double operator()(const ConvShape& shape, Algorithm algorithm);

 private:
  Executor executor_;
  Buffer weights_, images_, workspace_;
};

} // namespace fomo::kernels
