// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstring>

#include "model/kernels/bf16_line.h"
#include "model/kernels/head_row.h"

namespace fomo::kernels {

namespace {

constexpr int kOutputs = HeadConv::kOutputs;
/// Pixels of a row of the product, and of its upper half.
constexpr int kPixels = 8, kHalfPixels = kPixels * kBf16Rows / 2;

size_t result_floats(int width) {
  return size_t((width + kPixels - 1) / kPixels * kPixels * kOutputs + 15) / 16 * 16;
}

size_t worker_floats(int width) { return size_t(kBf16Rows) * kBf16Columns + result_floats(width); }

} // namespace

Bf16Head::Bf16Head(int channels, int kernel, const float* weight, const float* bias)
    : blocks_(padded_bf16_channels(channels) / kBf16Lanes), kernel_(kernel),
      weights_(size_t(segments()) * kBf16SegmentSize / 2), bias_(size_t(kPixels) * kOutputs) {
  for (int i = 0; i < kPixels * kOutputs; i++)
    bias_.data()[i] = bias[i % kOutputs];
  bf16* const packed = reinterpret_cast<bf16*>(weights_.data());
  for (int o = 0; o < kOutputs; o++)
    for (int c = 0; c < channels; c++)
      for (int y = 0; y < kernel; y++)
        for (int x = 0; x < kernel; x++) {
          uint32_t bits;
          std::memcpy(&bits, weight++, sizeof bits);
          for (int pixel = 0; pixel < kPixels; pixel++) {
            const int column = pixel * kOutputs + o, lane = c % kBf16Lanes;
            const ptrdiff_t segment =
                (ptrdiff_t(c / kBf16Lanes) * kernel + y) * window() + pixel + x;
            packed[segment * kBf16SegmentSize + column / 16 * (kBf16SegmentSize / 2) +
                   (lane / 2 * 16 + column % 16) * 2 + lane % 2] = round_to_bf16(bits);
          }
        }
}

int Bf16Head::window() const { return kernel_ + kPixels - 1; }

int Bf16Head::segments() const { return blocks_ * kernel_ * window(); }

size_t Bf16Head::workspace(int width, int threads) const {
  const size_t offsets = size_t(segments()) * sizeof(ptrdiff_t) / sizeof(float);
  return size_t(threads) * worker_floats(width) + (offsets + 15) / 16 * 16;
}

void Bf16Head::run_row(const Bf16Image& in, int y, const ptrdiff_t* offsets, float* sums,
                       float* result, const Executor& executor) const {
  Bf16Product product{};
  product.row_step = kPixels * kBf16Lanes;
  product.offsets = offsets;
  product.segments = segments();
  product.weights = reinterpret_cast<const bf16*>(weights_.data());
  product.sums = sums;
  for (int x = 0; x < in.width; x += 2 * kHalfPixels) {
    const bool narrow = in.width - x <= kHalfPixels; // reads no pixels that are not needed
    product.upper = in.pixel(0, y, x);
    product.lower = narrow ? product.upper : in.pixel(0, y, x + kHalfPixels);
    executor.bf16->multiply(product);
    const int groups = std::min(kBf16Rows, (in.width - x + kPixels - 1) / kPixels);
    executor.kernels->bf16_head_store(
        {sums, groups, bias_.data(), result + ptrdiff_t(x) * kOutputs});
  }
}

void Bf16Head::run(const Bf16Image& in, const HeadOutput& output, float* workspace,
                   const Executor& executor) const {
  auto* const offsets = reinterpret_cast<ptrdiff_t*>(workspace + ptrdiff_t(executor.threads) *
                                                                     worker_floats(in.width));
  ptrdiff_t* offset = offsets;
  for (int block = 0; block < blocks_; block++)
    for (int v = 0; v < kernel_; v++)
      for (int u = 0; u < window(); u++)
        *offset++ = block * in.block_stride +
                    ((v - kernel_ / 2) * in.pitch() + u - kernel_ / 2) * kBf16Lanes;
  const int bands = std::min(in.height, 8 * executor.threads);
  executor.parallel_for(bands, [&](int band, int worker) {
    float* const sums = workspace + ptrdiff_t(worker) * worker_floats(in.width);
    float* const result = sums + kBf16Rows * kBf16Columns;
    executor.bf16->begin();
    for (int y = in.height * band / bands; y < in.height * (band + 1) / bands; y++) {
      run_row(in, y, offsets, sums, result, executor);
      finish_head_row(output, in.height, in.width, y, result, executor);
    }
    executor.bf16->end();
  });
}

} // namespace fomo::kernels
