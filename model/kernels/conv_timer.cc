// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/conv_timer.h"

#include <algorithm>
#include <chrono>

#include "model/kernels/packing.h"

namespace fomo::kernels {

namespace {

float* at_least(Buffer& buffer, size_t floats) {
  if (buffer.size() < floats)
    buffer = Buffer(floats);
  return buffer.data();
}

} // namespace

double ConvTimer::operator()(const ConvShape& shape, Algorithm algorithm) {
  using Clock = std::chrono::steady_clock;
  const size_t weights = packed_floats(shape, algorithm);
  // Written, because the kernel maps all pages that were never written to one page of zeros, which
  // would stay in the cache.
  if (weights_.size() < weights)
    std::fill_n(at_least(weights_, weights), weights, 0.01F);
  const Conv conv(shape, algorithm, weights_.data());
  const size_t in = image_floats(shape.input_channels(), shape.height, shape.width);
  const size_t out = image_floats(shape.outputs, shape.output_height(), shape.output_width());
  float* const images = at_least(images_, in + out);
  float* const workspace =
      at_least(workspace_, conv.workspace(executor_.threads, *executor_.kernels));
  const auto start = Clock::now();
  conv.run(make_image(images, shape.input_channels(), shape.height, shape.width),
           make_image(images + in, shape.outputs, shape.output_height(), shape.output_width()), {},
           workspace, executor_);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace fomo::kernels
