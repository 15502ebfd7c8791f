// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/head_conv.h"

#include <algorithm>

#include "model/kernels/head_row.h"

namespace fomo::kernels {

namespace {

/// Seven taps of a kernel row times three outputs, padded to whole vectors.
constexpr int kColumns = 24;

size_t sums_floats(int width) { return size_t(width) * kColumns + 16; }

/// Workspace of one worker.
size_t worker_floats(int width) {
  return (sums_floats(width) + size_t(width) * HeadConv::kOutputs + 15 + 8) / 16 * 16;
}

} // namespace

void finish_head_row(const HeadOutput& output, int height, int width, int y, float* row,
                     const Executor& executor) {
  const int values = width * HeadConv::kOutputs;
  if (output.source)
    executor.kernels->keep_row(*output.source, y, row);
  if (output.pixels)
    executor.kernels->levels_of(row, values, output.pixels + y * output.stride);
  if (output.planes)
    for (int i = 0; i < values; i++)
      output.planes[(ptrdiff_t(i % HeadConv::kOutputs) * height + y) * width +
                    i / HeadConv::kOutputs] = row[i];
}

HeadConv::HeadConv(int channels, int kernel, const float* weight, const float* bias)
    : channels_(channels), kernel_(kernel),
      weights_(size_t(padded_channels(channels)) * kernel * kColumns) {
  std::copy_n(bias, kOutputs, bias_);
  for (int o = 0; o < kOutputs; o++)
    for (int c = 0; c < channels; c++)
      for (int y = 0; y < kernel; y++)
        for (int x = 0; x < kernel; x++) {
          const ptrdiff_t row = (ptrdiff_t(c / kLanes) * kernel + y) * kLanes + c % kLanes;
          weights_.data()[row * kColumns + x * kOutputs + o] = *weight++;
        }
}

size_t HeadConv::workspace(int width, int threads) const { return worker_floats(width) * threads; }

void HeadConv::run(const Image& in, const HeadOutput& output, float* workspace,
                   const Executor& executor) const {
  // A task is a band of rows, so that most of what a row reads is in the cache from the row above.
  const int bands = std::min(in.height, 8 * executor.threads);
  executor.parallel_for(bands, [&](int band, int worker) {
    float* const sums = workspace + worker * worker_floats(in.width);
    HeadRow row{in, kernel_, weights_.data(), bias_, sums, sums + sums_floats(in.width)};
    row.in.channels = channels_;
    for (int y = in.height * band / bands; y < in.height * (band + 1) / bands; y++) {
      executor.kernels->head_row(row, y);
      finish_head_row(output, in.height, in.width, y, row.result, executor);
    }
  });
}

} // namespace fomo::kernels
