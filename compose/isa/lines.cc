// SPDX-License-Identifier: LGPL-2.1-or-later
// The table `Lines` for one instruction set; simd/vec.h has the rules for such sources.
#include "compose/lines.h"

#include "simd/vec.h"

namespace fomo::compose::FOMO_ISA {

using namespace simd::FOMO_ISA;

FOMO_INLINE float smooth_step(float x) { return x * x * (3 - 2 * x); }

/// Samples at (at[0], at[1]), in texels within the texture.
FOMO_INLINE v4 sample(Texture in, v4 at) {
  const v4i whole = __builtin_convertvector(at, v4i);
  const v4 share = at - __builtin_convertvector(whole, v4);
  const uint8_t* texel = in.data + whole[1] * in.stride + ptrdiff_t{4} * whole[0];
  const v8 upper = bytes_to_floats(texel), lower = bytes_to_floats(texel + in.stride);
  const v8 both = upper + (lower - upper) * share[1];
  return low_half(both) + (high_half(both) - low_half(both)) * share[0];
}

FOMO_INLINE float sample(FloatTexture in, float x, float y) {
  const int column = static_cast<int>(x), row = static_cast<int>(y);
  const float* at = in.data + row * in.stride + column;
  const float across = x - static_cast<float>(column), down = y - static_cast<float>(row);
  const float upper = at[0] + (at[1] - at[0]) * across;
  const float lower = at[in.stride] + (at[in.stride + 1] - at[in.stride]) * across;
  return upper + (lower - upper) * down;
}

/// Converts [0, 1] to texels, with half-pixel centres.
FOMO_INLINE float to_texel(float u, int size) {
  return clamp(u * static_cast<float>(size) - 0.5F, 0, static_cast<float>(size - 1));
}

static void combine(float* __restrict out, const float* const* lines, const float* weights,
                    int taps, int count) {
  int i = 0;
  for (; i + 32 <= count; i += 32) { // four vectors share the loads of line and weight
    v8 a = load8(lines[0] + i) * weights[0], b = load8(lines[0] + i + 8) * weights[0];
    v8 c = load8(lines[0] + i + 16) * weights[0], d = load8(lines[0] + i + 24) * weights[0];
    for (int k = 1; k < taps; k++) {
      const float *line = lines[k] + i, weight = weights[k];
      a += load8(line) * weight;
      b += load8(line + 8) * weight;
      c += load8(line + 16) * weight;
      d += load8(line + 24) * weight;
    }
    store8(out + i, a);
    store8(out + i + 8, b);
    store8(out + i + 16, c);
    store8(out + i + 24, d);
  }
  for (; i + 8 <= count; i += 8) {
    v8 sum = load8(lines[0] + i) * weights[0];
    for (int k = 1; k < taps; k++)
      sum += load8(lines[k] + i) * weights[k];
    store8(out + i, sum);
  }
  for (; i < count; i++) {
    float sum = 0;
    for (int k = 0; k < taps; k++)
      sum += lines[k][i] * weights[k];
    out[i] = sum;
  }
}

static void resample(float* __restrict out, const float* in, const int* first, const float* weights,
                     int count) {
  for (int x = 0; x < count; x++) {
    const float *at = in + first[x], *w = weights + ptrdiff_t{4} * x;
    out[x] = at[0] * w[0] + at[1] * w[1] + at[2] * w[2] + at[3] * w[3];
  }
}

static void to_floats(float* __restrict out, const uint8_t* in, int count) {
  for (int i = 0; i < count; i++)
    out[i] = static_cast<float>(in[i]);
}

static void half_luma(float* __restrict out, const float* upper, const float* lower, int count) {
  // Rec. 601 luma; a quarter each for the average of four pixels.
  constexpr float red = 0.299F / 4, green = 0.587F / 4, blue = 0.114F / 4;
  for (int x = 0; x < count; x++) {
    const float *a = upper + ptrdiff_t{6} * x, *b = lower + ptrdiff_t{6} * x;
    out[x] = red * (a[0] + a[3] + b[0] + b[3]) + green * (a[1] + a[4] + b[1] + b[4]) +
             blue * (a[2] + a[5] + b[2] + b[5]);
  }
}

static void sample_line(float* __restrict out, const FloatTexture& in, const float* u,
                        const float* v, int count) {
  for (int x = 0; x < count; x++)
    out[x] = sample(in, to_texel(u[x], in.width), to_texel(v[x], in.height));
}

static void sample_byte_line(float* __restrict out, const Texture& in, const float* u,
                             const float* v, int count) {
  for (int x = 0; x < count; x++)
    store4(out + ptrdiff_t{4} * x,
           sample(in, v4{to_texel(u[x], in.width), to_texel(v[x], in.height), 0, 0}));
}

static void squared_difference(float* __restrict out, const float* a, const float* b, int count) {
  for (int i = 0; i < count; i++)
    out[i] = (a[i] - b[i]) * (a[i] - b[i]);
}

static void close_gate(float* values, float low, float high, int count) {
  const float scale = 1 / (high - low);
  for (int i = 0; i < count; i++)
    values[i] = 1 - smooth_step(clamp((__builtin_sqrtf(max(values[i], 0.0F)) - low) * scale, 0, 1));
}

static void close_stretched(float* gate, const float* const u[2], const float* const v[2],
                            int width, int height) {
  // Limits of source pixels for each output pixel in the direction of the strongest stretch: 1 is
  // unchanged, 0.25 is stretched to four times the length.
  constexpr float streaks = 0.2F, fair = 0.55F;
  const auto across = static_cast<float>(width), down = static_cast<float>(height);
  for (int x = 0; x < width; x++) {
    const int at = x + 1 < width ? x : x - 1;
    const float xx = (u[0][at + 1] - u[0][at]) * across, yx = (v[0][at + 1] - v[0][at]) * down;
    const float xy = (u[1][x] - u[0][x]) * across, yy = (v[1][x] - v[0][x]) * down;
    const float determinant = xx * yy - xy * yx;
    const float norm = __builtin_sqrtf(xx * xx + xy * xy + yx * yx + yy * yy);
    // The smaller singular value, to within a factor of sqrt(2).
    const float fewest = determinant * 1.4142F / max(norm, 1e-6F);
    gate[x] *= smooth_step(clamp((fewest - streaks) / (fair - streaks), 0, 1));
  }
}

/// The weight of detail at (u, v): 1 inside the visible part, 0 outside, a smooth step across its
/// edge.
FOMO_INLINE float inside(const VisiblePart& part, float u, float v) {
  const float distance =
      min(min(u - part.left, part.right - u), min(v - part.top, part.bottom - v));
  return smooth_step(clamp(distance / part.ramp + 0.5F, 0, 1));
}

/// Removes the mid grey behind a transparent source from the low band. Where a pixel is nearly
/// opaque, the generated colour is un-mixed; with more transparency, the colour of the source is
/// used instead. Returns the weight of the generated colour.
FOMO_INLINE float unmix(v4& blurred, v4& band, v4 low) {
  constexpr float grey = 128, sure = 0.95F, doubtful = 0.5F;
  const float alpha = low[3] * (1 / 255.0F);
  const float trust = smooth_step(clamp((alpha - doubtful) / (sure - doubtful), 0, 1));
  const v4 straight = (blurred - grey * (1 - alpha)) / max(alpha, doubtful);
  blurred = low + (straight - low) * trust;
  band *= trust;
  return trust;
}

static void base(float* __restrict out, const BaseInput& in, LowBand low, int count) {
  for (int x = 0; x < count; x++, out += kBaseFloats) {
    const float *g = in.generated + ptrdiff_t{3} * x, *b = in.blurred + ptrdiff_t{3} * x;
    v4 blurred = {b[0], b[1], b[2], 0};
    v4 band = v4{g[0], g[1], g[2], 0} - blurred;
    float weight = in.gate[x] * in.occlusion[x] * inside(in.visible, in.u[x], in.v[x]);
    if (low) {
      const float* l = low + ptrdiff_t{4} * x;
      const float trust = unmix(blurred, band, v4{l[0], l[1], l[2], l[3]});
      weight = 1 - (1 - weight) * trust;
    }
    v4 colour = blurred + band * (1 - weight) - 128 * weight;
    colour[3] = weight;
    store4(out, colour);
    out[4] = clamp(in.u[x] * in.across.scale + in.across.offset, 0, in.across.last);
    out[6] = out[7] = 0;
    out[5] = clamp(in.v[x] * in.down.scale + in.down.offset, 0, in.down.last);
  }
}

/// One output pixel from a base line.
template<int channels>
FOMO_INLINE uint32_t blend_pixel(const float* line, Spread spread, Texture detail, int x) {
  const float* at = line + ptrdiff_t{kBaseFloats} * spread.left[x];
  const v8 left = load8(at);
  const v8 pixel = left + (load8(at + kBaseFloats) - left) * spread.share[x];
  const v4 colour = low_half(pixel);
  const v4 texel = sample(detail, high_half(pixel));
  v4 result = colour + texel * colour[3];
  if (channels == 4)
    result[3] = texel[3];
  return floats_to_bytes(result);
}

template<int channels>
FOMO_INLINE void blend_pixels(uint8_t* out, const float* line, Spread spread, Texture detail,
                              int count) {
  for (int x = 0; x + 1 < count; x++, out += channels) {
    const uint32_t bytes = blend_pixel<channels>(line, spread, detail, x);
    __builtin_memcpy(out, &bytes, 4); // the next pixel overwrites the byte in excess
  }
  const uint32_t last = blend_pixel<channels>(line, spread, detail, count - 1);
  __builtin_memcpy(out, &last, channels);
}

static void blend(uint8_t* out, int channels, const float* upper, const float* lower, float share,
                  float* scratch, int base_width, const Spread& spread, const Texture& detail,
                  int count) {
  const float* const lines[2] = {upper, lower};
  const float weights[2] = {1 - share, share};
  combine(scratch, lines, weights, 2, kBaseFloats * base_width);
  // The right neighbour of the last pixel is the last pixel.
  for (int i = 0; i < kBaseFloats; i++)
    scratch[kBaseFloats * base_width + i] = scratch[kBaseFloats * (base_width - 1) + i];
  if (channels == 4)
    blend_pixels<4>(out, scratch, spread, detail, count);
  else
    blend_pixels<3>(out, scratch, spread, detail, count);
}

static void paste(uint8_t* out, const uint8_t* under, const uint8_t* __restrict animated,
                  const float* __restrict offset, const float* __restrict across, float down,
                  int count) {
  for (int i = 0; i < 3 * count; i++) {
    const auto was = static_cast<float>(under[i]);
    const float is = clamp(static_cast<float>(animated[i]) + offset[i], 0, 255);
    out[i] = static_cast<uint8_t>(static_cast<int>(was + across[i] * down * (is - was) + 0.5F));
  }
}

static void paste_straight(uint8_t* out, const uint8_t* under, const uint8_t* animated,
                           const float* offset, const float* across, float down, int count) {
  for (int x = 0; x < count; x++, out += 4, under += 4, animated += 4, offset += 3, across += 4) {
    const float share = across[0] * down;
    const float was_seen = (1 - share) * static_cast<float>(under[3]);
    const float is_seen = share * static_cast<float>(animated[3]);
    const float seen = was_seen + is_seen;
    const float is_share = seen > 0 ? is_seen / seen : share;
    for (int c = 0; c < 3; c++) {
      const auto was = static_cast<float>(under[c]);
      const float is = clamp(static_cast<float>(animated[c]) + offset[c], 0, 255);
      out[c] = static_cast<uint8_t>(static_cast<int>(was + is_share * (is - was) + 0.5F));
    }
    out[3] = static_cast<uint8_t>(static_cast<int>(seen + 0.5F));
  }
}

extern const Lines table;
const Lines table = {FOMO_ISA_NAME,
                     combine,
                     resample,
                     to_floats,
                     half_luma,
                     sample_line,
                     sample_byte_line,
                     squared_difference,
                     close_gate,
                     close_stretched,
                     base,
                     blend,
                     paste,
                     paste_straight};

} // namespace fomo::compose::FOMO_ISA
