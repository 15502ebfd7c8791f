// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/detail_gate.h"

#include <algorithm>
#include <cmath>

#include "compose/detail_bands.h"

namespace fomo {

using compose::FourTaps;
using compose::Lines;

namespace {

/// Converts a sigma for a frame of 256 pixels to half the model's size.
float at_half_size(float sigma, PixelSize model) {
  return sigma * static_cast<float>(std::min(model.width, model.height)) / 512;
}

/// The sigma of the blur that remains to be done after the averaging of 2x2 pixels.
float beyond_halving(float sigma) { return std::sqrt(std::max(0.04F, sigma * sigma - 0.0625F)); }

} // namespace

DetailGate::DetailGate(PixelSize model, int field_width, int field_height)
    : model_(model), half_{model.width / 2, model.height / 2},
      field_(field_width, field_height, half_.width, half_.height),
      blur_(half_.width, half_.height, 1, beyond_halving(at_half_size(compose::kGateSigma, model))),
      surroundings_(half_.width, half_.height, 1, at_half_size(compose::kSurroundingsSigma, model)),
      spread_(half_.width, half_.height, 1, at_half_size(compose::kSpreadSigma, model)),
      soften_(half_.width, half_.height, 1, at_half_size(compose::kSoftenSigma, model)),
      across_(half_.width, model.width, FourTaps::Curve::linear),
      down_(half_.height, model.height) {
  const size_t pixels = static_cast<size_t>(half_.width) * half_.height;
  difference_.resize(pixels);
  mean_.resize(pixels);
  u_.resize(pixels);
  v_.resize(pixels);
  expected_.resize(half_.width);
  padded_.resize(half_.width + 2 * FourTaps::kMargin);
  gate_.resize(static_cast<size_t>(model.width) * half_.height);
}

void DetailGate::start(const Lines& lines, const DetailSource& source, const MotionField& field,
                       const float* generated) {
  field_.start(lines, field);
  const int width = half_.width;
  const size_t model_line = static_cast<size_t>(3) * model_.width;
  for (int y = 0; y < half_.height; y++) {
    const float* upper = generated + 2 * y * model_line;
    lines.half_luma(half_line(difference_, y), upper, upper + model_line, width);
  }
  blur_.run(lines, difference_.data(), difference_.data());
  for (int y = 0; y < half_.height; y++) {
    float *u = half_line(u_, y), *v = half_line(v_, y);
    field_.coordinates(lines, y, u, v);
    lines.sample_line(expected_.data(), source.luma(), u, v, width);
    float* line = half_line(difference_, y);
    for (int x = 0; x < width; x++)
      line[x] -= expected_[x];
  }
  surroundings_.run(lines, difference_.data(), mean_.data());
  lines.squared_difference(difference_.data(), difference_.data(), mean_.data(),
                           static_cast<int>(difference_.size()));
  spread_.run(lines, difference_.data(), difference_.data());
  lines.close_gate(difference_.data(), compose::kAgree, compose::kDisagree,
                   static_cast<int>(difference_.size()));
  for (int y = 0; y < half_.height; y++) {
    const int at = std::min(y, half_.height - 2);
    const float* const u[2] = {half_line(u_, at), half_line(u_, at + 1)};
    const float* const v[2] = {half_line(v_, at), half_line(v_, at + 1)};
    lines.close_stretched(half_line(difference_, y), u, v, width, half_.height);
  }
  soften_.start(lines, difference_.data());
  for (int y = 0; y < half_.height; y++) {
    float* line = padded_.data() + FourTaps::kMargin;
    soften_.line(lines, y, line);
    std::fill_n(padded_.data(), FourTaps::kMargin, line[0]);
    std::fill_n(line + width, FourTaps::kMargin, line[width - 1]);
    across_.run(lines, padded_.data(), gate_.data() + static_cast<size_t>(y) * model_.width);
  }
}

void DetailGate::line(const Lines& lines, int y, float* gate) const {
  const float* taps[2] = {gate_.data() + static_cast<size_t>(down_.left(y)) * model_.width,
                          gate_.data() + static_cast<size_t>(down_.right(y)) * model_.width};
  const float weights[2] = {1 - down_.share(y), down_.share(y)};
  lines.combine(gate, taps, weights, 2, model_.width);
}

} // namespace fomo
