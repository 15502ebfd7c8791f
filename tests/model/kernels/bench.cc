// SPDX-License-Identifier: LGPL-2.1-or-later
// Times the network's convolutions in fp32 and bf16, and ATen's, in one run on the same cores:
//   kernels_bench [threads] [filter]
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "model/kernels/bf16_conv.h"
#include "model/kernels/bf16_unit.h"

using namespace fomo::kernels;

namespace {

struct Case {
  const char* name;
  ConvShape shape;
};

const Case cases[] = {
    {"bottleneck 256-256 @64", {{256}, 256, 3, 1, false, false, 64, 64}},
    {"up 256-128 @64x2", {{256}, 128, 3, 1, true, false, 64, 64}},
    {"up 128-64 @128x2", {{128}, 64, 3, 1, true, false, 128, 128}},
    {"final 64-3 @256", {{64}, 3, 7, 3, false, false, 256, 256}},
    {"motion down 44-128 @64", {{44}, 128, 3, 1, false, true, 64, 64}},
    {"motion down 128-256 @32", {{128}, 256, 3, 1, false, true, 32, 32}},
    {"motion down 256-512 @16", {{256}, 512, 3, 1, false, true, 16, 16}},
    {"motion down 512-1024 @8", {{512}, 1024, 3, 1, false, true, 8, 8}},
    {"motion down 1024-1024 @4", {{1024}, 1024, 3, 1, false, true, 4, 4}},
    {"motion up 1024-1024 @2x2", {{1024}, 1024, 3, 1, true, false, 2, 2}},
    {"motion up 2048-512 @4x2", {{1024, 1024}, 512, 3, 1, true, false, 4, 4}},
    {"motion up 1024-256 @8x2", {{512, 512}, 256, 3, 1, true, false, 8, 8}},
    {"motion up 512-128 @16x2", {{256, 256}, 128, 3, 1, true, false, 16, 16}},
    {"motion up 256-64 @32x2", {{128, 128}, 64, 3, 1, true, false, 32, 32}},
    {"mask 108-12 @64", {{64, 44}, 12, 7, 3, false, false, 64, 64}},
    {"kp down 3-64 @64", {{3}, 64, 3, 1, false, true, 64, 64}},
    {"kp down 64-128 @32", {{64}, 128, 3, 1, false, true, 32, 32}},
    {"kp up 128-32 @32x2", {{64, 64}, 32, 3, 1, true, false, 32, 32}},
    {"kp heatmap 35-10 @64", {{32, 3}, 10, 7, 0, false, false, 64, 64}},
    {"small 64-64 @64", {{64}, 64, 3, 1, false, false, 64, 64}},
    {"small up 64-32 @64x2", {{64}, 32, 3, 1, true, false, 64, 64}},
    {"small 16-32 @64", {{16}, 32, 3, 1, false, true, 64, 64}},
};

template<typename Run>
double milliseconds(Run&& run) {
  using Clock = std::chrono::steady_clock;
  run();
  double best = 1e9, total = 0;
  for (int i = 0; i < 30 && (i < 5 || total < 200); i++) {
    const auto start = Clock::now();
    run();
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    best = std::min(best, ms);
    total += ms;
  }
  return best;
}

std::vector<float> noise(size_t count) {
  static std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float& value : values)
    value = uniform(random);
  return values;
}

/// Number of multiplications and additions by the definition of the convolution.
double flops(const ConvShape& shape) {
  double channels = 0;
  for (const int part : shape.inputs)
    channels += part;
  return 2.0 * channels * shape.outputs * shape.kernel * shape.kernel * shape.result_height() *
         shape.result_width();
}

double aten(const ConvShape& shape) {
  int channels = 0;
  for (const int part : shape.inputs)
    channels += part;
  const at::Tensor x = at::rand({1, channels, shape.height, shape.width});
  const at::Tensor w = at::rand({shape.outputs, channels, shape.kernel, shape.kernel}),
                   b = at::rand({shape.outputs});
  return milliseconds([&] {
    at::Tensor y =
        shape.upsample ? at::upsample_nearest2d(x, {shape.height * 2, shape.width * 2}) : x;
    y = at::relu(at::conv2d(y, w, b, 1, shape.pad));
    if (shape.pool)
      y = at::avg_pool2d(y, {2, 2});
  });
}

double ours(const ConvShape& shape, Algorithm algorithm, const Executor& executor) {
  int channels = 0;
  for (const int part : shape.inputs)
    channels += part;
  const auto weight = noise(size_t(shape.outputs) * channels * shape.kernel * shape.kernel),
             bias = noise(shape.outputs);
  const Conv conv(shape, algorithm, {weight.data(), bias.data(), nullptr}, executor);
  Buffer in(image_floats(shape.input_channels(), shape.height, shape.width));
  Buffer out(image_floats(shape.outputs, shape.result_height(), shape.result_width()));
  Buffer workspace(conv.workspace(executor.threads, *executor.kernels));
  const auto values = noise(in.size());
  std::copy(values.begin(), values.end(), in.data());
  ConvExtras extras;
  extras.activation = Activation::relu;
  return milliseconds([&] {
    conv.run(make_image(in.data(), shape.input_channels(), shape.height, shape.width),
             make_image(out.data(), shape.outputs, shape.output_height(), shape.output_width()),
             extras, workspace.data(), executor);
  });
}

/// In bf16, on the executor's unit.
double in_bf16(const ConvShape& shape, const Executor& executor) {
  int channels = 0, padded = 0;
  for (const int part : shape.inputs) {
    channels += part;
    padded += padded_bf16_channels(part);
  }
  const auto weight = noise(size_t(shape.outputs) * channels * shape.kernel * shape.kernel),
             bias = noise(shape.outputs);
  const Bf16Conv conv(shape, {weight.data(), bias.data(), nullptr}, executor);
  Buffer in(bf16_image_floats(padded, shape.height, shape.width, shape.pad));
  Buffer out(bf16_image_floats(shape.outputs, shape.output_height(), shape.output_width(), 1));
  std::fill_n(in.data(), in.size(), 1.0F);
  const Bf16Image result =
      make_bf16_image(out.data(), shape.outputs, shape.output_height(), shape.output_width(), 1);
  Buffer workspace(conv.workspace(executor.threads));
  Bf16Result to;
  to.activation = Activation::relu;
  to.half = &result;
  return milliseconds([&] {
    conv.run(make_bf16_image(in.data(), padded, shape.height, shape.width, shape.pad), to,
             workspace.data(), executor);
  });
}

} // namespace

int main(int argc, char** argv) {
  Executor executor;
  executor.threads = argc > 1 ? std::atoi(argv[1]) : 2;
  executor.bf16 = &best_bf16_unit();
  at::set_num_threads(executor.threads);
  c10::InferenceMode no_gradients;
  std::printf("%d threads, %s, bf16 on %s\n", executor.threads, executor.kernels->name,
              executor.bf16->name);
  for (const Case& c : cases) {
    if (argc > 2 && !std::strstr(c.name, argv[2]))
      continue;
    const double theirs = argc > 3 ? 0 : aten(c.shape);
    std::printf("%-28s ATen %8.3f ms |", c.name, theirs);
    for (const Algorithm algorithm : algorithms_for(c.shape)) {
      const double ms = ours(c.shape, algorithm, executor);
      std::printf(" %s %.3f ms %.0f GFLOP/s %.1fx;", algorithm_name(algorithm), ms,
                  flops(c.shape) / ms * 1e-6, theirs / ms);
    }
    const double ms = in_bf16(c.shape, executor);
    std::printf(" bf16 %.3f ms %.0f GFLOP/s %.1fx\n", ms, flops(c.shape) / ms * 1e-6, theirs / ms);
    std::fflush(stdout);
  }
}
