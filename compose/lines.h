// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/isa.h"

/// Arithmetic on lines of pixels, compiled once for each instruction set.
namespace fomo::compose {

/// A picture to be sampled: four bytes a texel. One column and one row beyond `width` x `height`
/// are there to be read.
struct Texture {
  const uint8_t* data = nullptr;
  int width = 0, height = 0;
  ptrdiff_t stride = 0; ///< bytes
};

/// The same with one float a texel.
struct FloatTexture {
  const float* data = nullptr;
  int width = 0, height = 0;
  ptrdiff_t stride = 0; ///< floats
};

/// Part of the source that may be looked at, in [0, 1] of the crop; detail fades over `ramp` across
/// its edges.
struct VisiblePart {
  float left = 0, top = 0, right = 1, bottom = 1;
  float ramp = 0.01F;
};

/// Where along one axis of a texture something is: `scale` * u + `offset`, between the first texel
/// and the last one, for u in [0, 1] of the crop.
struct Placement {
  float scale, offset, last;
};

/// One line at the network's size on its way to the output: per pixel eight floats, the picture
/// without the source's detail (r, g, b), less 128 (the detail texture's middle) times the detail's
/// weight; that weight; where in the detail texture it is (x, y in texels, within it); two unused.
constexpr int kBaseFloats = 8;

/// What `base` makes a line from: `generated` and `blurred` r, g, b; the rest one float a pixel.
struct BaseInput {
  const float* generated;
  const float* blurred;
  const float* gate; ///< 1 where generated picture and source agree
  const float* occlusion;
  const float *u, *v; ///< where in the crop, [0, 1] within it
  VisiblePart visible;
  Placement across, down; ///< of the detail texture
};

/// Colour and alpha of a transparent source's low band where a line's pixels come from: r, g, b and
/// alpha in [0, 255], four floats a pixel; null where the source is opaque.
using LowBand = const float*;

/// Bilinear weights of an output line: per pixel the left one of two neighbours and the right one's
/// share.
struct Spread {
  const int* left;
  const float* share;
};

struct Lines {
  const char* name; ///< of the instruction set
  /// out[i] = sum over k of weights[k] * lines[k][i]
  void (*combine)(float* out, const float* const* lines, const float* weights, int taps, int count);
  /// out[x] = sum over four k of weights[4 x + k] * in[first[x] + k]
  void (*resample)(float* out, const float* in, const int* first, const float* weights, int count);
  /// Bytes of `channels` (3 or 4) to r, g, b floats.
  void (*widen)(float* out, const uint8_t* in, int count);
  /// Luma of the means of 2x2 pixels of two lines of r, g, b.
  void (*halve)(float* out, const float* upper, const float* lower, int count);
  /// out = in at (u, v), in [0, 1] of the texture, bilinear, the border repeated.
  void (*look_up)(float* out, const FloatTexture& in, const float* u, const float* v, int count);
  /// The same of four bytes a texel.
  void (*look_up_bytes)(float* out, const Texture& in, const float* u, const float* v, int count);
  /// out = (a - b)^2
  void (*squared_difference)(float* out, const float* a, const float* b, int count);
  /// values = 1 up to `low`^2, 0 from `high`^2 on, smooth between their roots.
  void (*close_gate)(float* values, float low, float high, int count);
  /// Closes the gate where the motion stretches the source so far that its detail would become
  /// streaks, or folds it. (u, v) of the line and of the next one, in [0, 1] over `width` and
  /// `height` pixels.
  void (*spare_stretched)(float* gate, const float* const u[2], const float* const v[2], int width,
                          int height);
  void (*base)(float* out, const BaseInput& in, LowBand low, int count);
  /// out = base + weight * detail from two lines of the base, `share` of the lower one;
  /// `channels` 3 or 4, the fourth is the texture's.
  void (*blend)(uint8_t* out, int channels, const float* upper, const float* lower, float share,
                float* scratch, int base_width, const Spread& spread, const Texture& detail,
                int count);
  /// out = under + down * across * (animated + offset - under): r, g, b of `count` pixels; `across`
  /// and `offset` three floats each. `out` may be `under`.
  void (*paste)(uint8_t* out, const uint8_t* under, const uint8_t* animated, const float* offset,
                const float* across, float down, int count);
  /// The same of pixels with straight alpha, `across` four floats each: colours are mixed by how
  /// much of each is seen.
  void (*paste_straight)(uint8_t* out, const uint8_t* under, const uint8_t* animated,
                         const float* offset, const float* across, float down, int count);
};

/// The functions of compose/isa, compiled for one instruction set.
const Lines& lines_of(simd::Isa isa);

/// lines_of(simd::best_isa()).
const Lines& best_lines();

} // namespace fomo::compose
