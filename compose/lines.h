// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/isa.h"

/// Arithmetic on lines of pixels, compiled once for each instruction set.
namespace fomo::compose {

/// A picture to be sampled, four bytes for each texel. The memory has one more column and row than
/// `width` x `height`, because bilinear sampling reads them.
struct Texture {
  const uint8_t* data = nullptr;
  int width = 0, height = 0;
  ptrdiff_t stride = 0; ///< bytes
};

/// The same with one float for each texel.
struct FloatTexture {
  const float* data = nullptr;
  int width = 0, height = 0;
  ptrdiff_t stride = 0; ///< floats
};

/// The part of the crop that shows the source, in [0, 1] of the crop. Detail fades over a width of
/// `ramp`, centred on its edges.
struct VisiblePart {
  float left = 0, top = 0, right = 1, bottom = 1;
  float ramp = 0.01F;
};

/// Converts u in [0, 1] of the crop to texels along one axis: `scale` * u + `offset`, clamped to
/// [0, `last`].
struct Placement {
  float scale, offset, last;
};

/// Floats for each pixel of a base line, a line at the model's size:
///   0-2  r, g, b without the detail of the source, minus 128 * weight (the detail texture is
///   stored
///        with an offset of 128)
///   3    weight of the detail
///   4-5  x, y in the detail texture, texels within it
///   6-7  unused
constexpr int kBaseFloats = 8;

/// The input of Lines::base. `generated` and `blurred` have three floats for each pixel, the other
/// arrays one.
struct BaseInput {
  const float* generated;
  const float* blurred;
  const float* gate; ///< of DetailGate
  const float* occlusion;
  const float *u, *v; ///< position in the crop, [0, 1] within it
  VisiblePart visible;
  Placement across, down; ///< of the detail texture
};

/// The low band of a transparent source, sampled for the pixels of a line: r, g, b and alpha in
/// [0, 255], four floats for each pixel. Null for an opaque source.
using LowBand = const float*;

/// Linear interpolation along a line: for each output pixel the index of the left neighbour, and
/// the weight of the right one.
struct Spread {
  const int* left;
  const float* share;
};

/// The functions of compose/isa, compiled for one instruction set. Textures are sampled bilinearly.
struct Lines {
  const char* name; ///< of the instruction set
  /// out[i] = sum over k of weights[k] * lines[k][i]
  void (*combine)(float* out, const float* const* lines, const float* weights, int taps, int count);
  /// out[x] = sum over k < 4 of weights[4 x + k] * in[first[x] + k]
  void (*resample)(float* out, const float* in, const int* first, const float* weights, int count);
  /// out[i] = in[i]
  void (*to_floats)(float* out, const uint8_t* in, int count);
  /// Luma of the averages of 2x2 pixels of two lines of r, g, b. `count` outputs.
  void (*half_luma)(float* out, const float* upper, const float* lower, int count);
  /// out = `in` at (u, v), in [0, 1] of the texture. The border is repeated.
  void (*sample_line)(float* out, const FloatTexture& in, const float* u, const float* v,
                      int count);
  /// The same for four bytes, which become four floats.
  void (*sample_byte_line)(float* out, const Texture& in, const float* u, const float* v,
                           int count);
  /// out = (a - b)^2
  void (*squared_difference)(float* out, const float* a, const float* b, int count);
  /// Replaces squared differences by the gate: 1 up to low^2, 0 from high^2 on, a smooth step of
  /// their roots between.
  void (*close_gate)(float* values, float low, float high, int count);
  /// Closes the gate where the motion folds the source, or stretches it so far that its detail
  /// would become streaks. `u` and `v` are those of this line and the next, in [0, 1] over `width`
  /// and `height` pixels.
  void (*close_stretched)(float* gate, const float* const u[2], const float* const v[2], int width,
                          int height);
  /// Makes a base line; see kBaseFloats.
  void (*base)(float* out, const BaseInput& in, LowBand low, int count);
  /// Makes an output line of `channels` 3 or 4: base + weight * detail. The base is interpolated
  /// between two base lines, the lower one with weight `share`. Alpha comes from the texture.
  /// `scratch` has kBaseFloats * (base_width + 1) floats.
  void (*blend)(uint8_t* out, int channels, const float* upper, const float* lower, float share,
                float* scratch, int base_width, const Spread& spread, const Texture& detail,
                int count);
  /// out = under + down * across * (animated + offset - under) for r, g, b of `count` pixels.
  /// `across` and `offset` have three floats for each pixel. `out` may be `under`.
  void (*paste)(uint8_t* out, const uint8_t* under, const uint8_t* animated, const float* offset,
                const float* across, float down, int count);
  /// The same for straight alpha: the weights of the colours are multiplied by their alpha.
  /// `across` has four floats for each pixel.
  void (*paste_straight)(uint8_t* out, const uint8_t* under, const uint8_t* animated,
                         const float* offset, const float* across, float down, int count);
};

const Lines& lines_of(simd::Isa isa);

/// lines_of(simd::best_isa()).
const Lines& best_lines();

} // namespace fomo::compose
