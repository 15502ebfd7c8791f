// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/gaussian.h"

#include <algorithm>
#include <cmath>

namespace fomo::compose {

namespace {

constexpr int kMostRadius = 24;
constexpr int kMostTaps = 2 * kMostRadius + 1;

std::vector<float> gaussian_kernel(float sigma, int radius) {
  std::vector<float> kernel(2 * radius + 1);
  float sum = 0;
  for (int i = -radius; i <= radius; i++)
    sum += kernel[i + radius] = std::exp(-0.5F * static_cast<float>(i * i) / (sigma * sigma));
  for (float& weight : kernel)
    weight /= sum;
  return kernel;
}

} // namespace

Gaussian::Gaussian(int width, int height, int channels, float sigma)
    : height_(height), channels_(channels),
      radius_(std::min(kMostRadius, static_cast<int>(std::ceil(2.5F * sigma)))),
      count_(width * channels), kernel_(gaussian_kernel(sigma, radius_)),
      padded_(count_ + static_cast<size_t>(2) * radius_ * channels),
      blurred_(static_cast<size_t>(count_) * height) {}

void Gaussian::start(const Lines& lines, const float* in) {
  const float* taps[kMostTaps];
  for (int k = 0; k <= 2 * radius_; k++)
    taps[k] = padded_.data() + static_cast<size_t>(k) * channels_;
  float* middle = padded_.data() + static_cast<size_t>(radius_) * channels_;
  for (int y = 0; y < height_; y++, in += count_) {
    std::copy(in, in + count_, middle);
    for (int k = 1; k <= radius_; k++) {
      std::copy(in, in + channels_, middle - static_cast<ptrdiff_t>(k) * channels_);
      std::copy(in + count_ - channels_, in + count_,
                middle + count_ + static_cast<ptrdiff_t>(k - 1) * channels_);
    }
    lines.combine(pixels(y), taps, kernel_.data(), 2 * radius_ + 1, count_);
  }
}

void Gaussian::line(const Lines& lines, int y, float* out) const {
  const float* taps[kMostTaps];
  for (int k = 0; k <= 2 * radius_; k++)
    taps[k] = pixels(std::clamp(y + k - radius_, 0, height_ - 1));
  lines.combine(out, taps, kernel_.data(), 2 * radius_ + 1, count_);
}

void Gaussian::run(const Lines& lines, const float* in, float* out) {
  start(lines, in);
  for (int y = 0; y < height_; y++)
    line(lines, y, out + static_cast<size_t>(y) * count_);
}

} // namespace fomo::compose
