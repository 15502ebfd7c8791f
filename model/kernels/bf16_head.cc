// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstring>

#include "model/kernels/bf16_line.h"
#include "model/kernels/head_row.h"

namespace fomo::kernels {

namespace {

constexpr int kOutputs = HeadConv::kOutputs;

/// Sums of one row, with zeros for half a kernel of pixels on both sides.
size_t sums_floats(int width) {
  return (size_t(width + kBf16Rows - 1) / kBf16Rows * kBf16Rows + HeadConv::kMostTaps) *
         kBf16Columns;
}

size_t worker_floats(int width) {
  return sums_floats(width) + (size_t(width) * kOutputs + 8 + 15) / 16 * 16;
}

} // namespace

Bf16Head::Bf16Head(int channels, int kernel, const float* weight, const float* bias)
    : blocks_(padded_bf16_channels(channels) / kBf16Lanes), kernel_(kernel),
      weights_(size_t(segments()) * kBf16SegmentSize / 2) {
  std::copy_n(bias, kOutputs, bias_);
  bf16* const packed = reinterpret_cast<bf16*>(weights_.data());
  for (int o = 0; o < kOutputs; o++)
    for (int c = 0; c < channels; c++)
      for (int y = 0; y < kernel; y++)
        for (int x = 0; x < kernel; x++) {
          uint32_t bits;
          std::memcpy(&bits, weight++, sizeof bits);
          const int column = x * kOutputs + o, lane = c % kBf16Lanes;
          const ptrdiff_t segment = ptrdiff_t(c / kBf16Lanes) * kernel + y;
          packed[segment * kBf16SegmentSize + column / 16 * (kBf16SegmentSize / 2) +
                 (lane / 2 * 16 + column % 16) * 2 + lane % 2] = round_to_bf16(bits);
        }
}

int Bf16Head::segments() const { return blocks_ * kernel_; }

size_t Bf16Head::workspace(int width, int threads) const {
  const size_t offsets = size_t(segments()) * sizeof(Bf16Segment) / sizeof(float);
  return size_t(threads) * worker_floats(width) + (offsets + 15) / 16 * 16;
}

/// `sums` points to the sums of the first pixel.
void Bf16Head::run_row(const Bf16Image& in, int y, const Bf16Segment* offsets, float* sums,
                       float* result, const Executor& executor) const {
  Bf16Product product{};
  product.row_step = kBf16Lanes;
  product.segments = offsets;
  product.count = segments();
  product.weights = reinterpret_cast<const bf16*>(weights_.data());
  for (int x = 0; x < in.width; x += kBf16Rows) {
    product.upper = in.pixel(0, y, x);
    product.lower = product.upper + ptrdiff_t(kBf16Rows) / 2 * kBf16Lanes;
    product.sums = sums + ptrdiff_t(x) * kBf16Columns;
    executor.bf16->multiply(product);
  }
  // The pixels beyond the row are zero, and so are their products.
  std::fill_n(sums + ptrdiff_t(in.width) * kBf16Columns, kernel_ / 2 * kBf16Columns, 0.0F);
  executor.kernels->bf16_head_store({sums, in.width, kernel_, bias_, result});
}

void Bf16Head::run(const Bf16Image& in, const HeadOutput& output, float* workspace,
                   const Executor& executor) const {
  auto* const offsets = reinterpret_cast<Bf16Segment*>(
      workspace + ptrdiff_t(executor.threads) * ptrdiff_t(worker_floats(in.width)));
  for (int i = 0; i < segments(); i++)
    offsets[i] = {i / kernel_ * in.block_stride +
                      (i % kernel_ - kernel_ / 2) * in.pitch() * kBf16Lanes,
                  i * kBf16SegmentSize};
  const ptrdiff_t before = kernel_ / 2 * ptrdiff_t(kBf16Columns);
  const int bands = std::min(in.height, 8 * executor.threads);
  executor.parallel_for(bands, [&](int band, int worker) {
    float* const sums = workspace + ptrdiff_t(worker) * ptrdiff_t(worker_floats(in.width));
    float* const result = sums + sums_floats(in.width);
    std::fill_n(sums, before, 0.0F);
    executor.bf16->begin();
    for (int y = in.height * band / bands; y < in.height * (band + 1) / bands; y++) {
      run_row(in, y, offsets, sums + before, result, executor);
      finish_head_row(output, in.height, in.width, y, result, executor);
    }
    executor.bf16->end();
  });
}

} // namespace fomo::kernels
