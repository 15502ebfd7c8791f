// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/tiff_samples.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

namespace fomo {

namespace {

/// Calls `body` with the row as what its samples are.
template<typename Body>
void with_type(const TiffSamples& samples, const void* row, Body body) {
  if (samples.is_float && samples.bits == 64)
    body(static_cast<const double*>(row));
  else if (samples.is_float)
    body(static_cast<const float*>(row));
  else if (samples.bits == 32)
    body(static_cast<const uint32_t*>(row));
  else if (samples.bits == 16)
    body(static_cast<const uint16_t*>(row));
  else
    body(static_cast<const uint8_t*>(row));
}

} // namespace

bool TiffSamples::readable() const {
  constexpr int most_samples = 8;
  const bool known = is_float ? bits == 32 || bits == 64 : bits == 8 || bits == 16 || bits == 32;
  return known && !is_signed && colours > 0 && count >= colours && count <= most_samples;
}

SampleLayout TiffSamples::layout() const {
  return {colours, alpha != Alpha::none, bits == 8 ? 8 : 16, inverted};
}

void SampleRange::look(const TiffSamples& samples, const void* row, int width) {
  with_type(samples, row, [&](const auto* in) {
    for (int x = 0; x < width; x++, in += samples.count) {
      for (int c = 0; c < samples.colours; c++)
        if (const auto value = static_cast<double>(in[c]); std::isfinite(value))
          most_colour_ = std::max(most_colour_, value);
      if (samples.alpha != TiffSamples::Alpha::none)
        if (const auto value = static_cast<double>(in[samples.colours]); std::isfinite(value))
          most_alpha_ = std::max(most_alpha_, value);
    }
  });
}

double SampleRange::white(double most) {
  constexpr double brightest_light = 16; // of pictures whose white is 1: more is darkness of 255
  if (most <= brightest_light)
    return 1;
  for (const double usual : {255.0, 65535.0})
    if (most < usual + 1)
      return usual;
  return most;
}

TiffRowReader::TiffRowReader(const TiffSamples& samples, const SampleRange& range, int width)
    : samples_(samples), width_(width) {
  const SampleLayout layout = samples.layout();
  const size_t count =
      static_cast<size_t>(width) * static_cast<size_t>(layout.colours + (layout.alpha ? 1 : 0));
  if (layout.bits == 8)
    narrow_.resize(count);
  else
    wide_.resize(count);
  if (samples.needs_range()) {
    constexpr double most = std::numeric_limits<uint16_t>::max();
    colour_scale_ = most / range.colour_white();
    alpha_scale_ = most / range.alpha_white();
  }
}

template<typename In, typename Out>
void TiffRowReader::convert(const In* in, Out* out) const {
  static constexpr double most = std::numeric_limits<Out>::max();
  const auto scaled = [](In value, double scale) {
    if constexpr (std::is_same_v<In, Out>)
      return value;
    else // NaN becomes 0
      return static_cast<Out>(std::lround(std::min(most, std::max(0.0, double(value) * scale))));
  };
  const bool alpha = samples_.alpha != TiffSamples::Alpha::none;
  const bool divided = samples_.alpha == TiffSamples::Alpha::premultiplied;
  for (int x = 0; x < width_; x++, in += samples_.count) {
    const Out opacity = alpha ? scaled(in[samples_.colours], alpha_scale_) : Out{0};
    for (int c = 0; c < samples_.colours; c++) {
      Out value = scaled(in[c], colour_scale_);
      if (divided && opacity > 0)
        value = static_cast<Out>(std::lround(std::min(most, value * most / opacity)));
      *out++ = value;
    }
    if (alpha)
      *out++ = opacity;
  }
}

const void* TiffRowReader::read(const void* row) {
  with_type(samples_, row, [this](const auto* in) {
    using In = std::remove_const_t<std::remove_pointer_t<decltype(in)>>;
    if constexpr (std::is_same_v<In, uint8_t>)
      convert(in, narrow_.data());
    else
      convert(in, wide_.data());
  });
  return narrow_.empty() ? static_cast<const void*>(wide_.data()) : narrow_.data();
}

void fill_empty_alpha(Picture& picture) {
  if (picture.channels != 4)
    return;
  for (size_t i = 3; i < picture.pixels.size(); i += 4)
    if (picture.pixels[i] != 0)
      return;
  for (size_t i = 3; i < picture.pixels.size(); i += 4)
    picture.pixels[i] = 255;
}

} // namespace fomo
