// SPDX-License-Identifier: LGPL-2.1-or-later
// Vectors of floats for per-set sources: sources that are compiled once for each instruction set,
// each time into another namespace, which the macro FOMO_ISA names. The types are the compilers'
// vector extension, so that one source serves every instruction set; an operation that no single
// register can hold is split by the compiler.
//
// Rules for per-set sources: everything is in the namespace FOMO_ISA or marked FOMO_INLINE, and no
// template or inline function of the standard library is used (see simd/inline.h).
#pragma once

#include <cstddef>
#include <cstdint>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "simd/inline.h"

#define FOMO_STRING_OF(x) #x
#define FOMO_STRING(x) FOMO_STRING_OF(x)
/// The name of the set as a string.
#define FOMO_ISA_NAME FOMO_STRING(FOMO_ISA)

namespace fomo::simd::FOMO_ISA {

// What differs between the sets.
#if defined(__AVX512F__)
constexpr int kWide = 16;      ///< floats of `vw`, the longest vector with fast arithmetic
constexpr int kRegisters = 32; ///< vectors `vw` in registers
#elif defined(__AVX2__) || defined(__aarch64__)
constexpr int kWide = 8;
constexpr int kRegisters = 16; // NEON: pairs of 32 registers
#else
constexpr int kWide = 8;
constexpr int kRegisters = 8; // SSE: pairs of 16 registers
#endif

typedef float v4 __attribute__((vector_size(16)));
typedef float v8 __attribute__((vector_size(32)));
typedef float vw __attribute__((vector_size(4 * kWide)));
typedef int32_t v4i __attribute__((vector_size(16)));
typedef int32_t v8i __attribute__((vector_size(32)));
typedef uint8_t v4b __attribute__((vector_size(4)));
typedef uint8_t v8b __attribute__((vector_size(8)));

// The same types in memory without alignment.
typedef float v4u __attribute__((vector_size(16), aligned(4), may_alias));
typedef float v8u __attribute__((vector_size(32), aligned(4), may_alias));
typedef float vwu __attribute__((vector_size(4 * kWide), aligned(4), may_alias));
typedef uint8_t v8bu __attribute__((vector_size(8), aligned(1), may_alias));

FOMO_INLINE v4 load4(const float* from) { return *reinterpret_cast<const v4u*>(from); }
FOMO_INLINE v8 load8(const float* from) { return *reinterpret_cast<const v8u*>(from); }
FOMO_INLINE vw load_wide(const float* from) { return *reinterpret_cast<const vwu*>(from); }
FOMO_INLINE void store4(float* to, v4 value) { *reinterpret_cast<v4u*>(to) = value; }
FOMO_INLINE void store8(float* to, v8 value) { *reinterpret_cast<v8u*>(to) = value; }
FOMO_INLINE void store_wide(float* to, vw value) { *reinterpret_cast<vwu*>(to) = value; }

FOMO_INLINE v4 splat4(float x) { return v4{x, x, x, x}; }
FOMO_INLINE v8 splat8(float x) { return v8{x, x, x, x, x, x, x, x}; }
FOMO_INLINE vw splat_wide(float x) { return x - vw{}; }
FOMO_INLINE v4 low_half(v8 x) { return __builtin_shufflevector(x, x, 0, 1, 2, 3); }
FOMO_INLINE v4 high_half(v8 x) { return __builtin_shufflevector(x, x, 4, 5, 6, 7); }

FOMO_INLINE int min(int a, int b) { return a < b ? a : b; }
FOMO_INLINE int max(int a, int b) { return a > b ? a : b; }
FOMO_INLINE float min(float a, float b) { return a < b ? a : b; }
FOMO_INLINE float max(float a, float b) { return a > b ? a : b; }
FOMO_INLINE float clamp(float x, float low, float high) { return min(max(x, low), high); }
FOMO_INLINE v8 min(v8 a, v8 b) { return a < b ? a : b; }
FOMO_INLINE v8 max(v8 a, v8 b) { return a > b ? a : b; }
FOMO_INLINE v8 relu(v8 x) { return max(x, v8{}); }

/// e^x to about two units in the last place; x is clamped to [-87, 87].
FOMO_INLINE v8 exp(v8 x) {
  x = min(max(x, splat8(-87.0f)), splat8(87.0f));
  // Adding 1.5 * 2^23 rounds to an integer, which the low bits of `n` then hold.
  const v8 n = x * splat8(1.44269504f) + splat8(12582912.0f);
  const v8 k = n - splat8(12582912.0f);
  const v8 r = (x - k * splat8(0.693359375f)) + k * splat8(2.12194440e-4f);
  v8 p = splat8(1.9875691500e-4f);
  p = p * r + splat8(1.3981999507e-3f);
  p = p * r + splat8(8.3334519073e-3f);
  p = p * r + splat8(4.1665795894e-2f);
  p = p * r + splat8(1.6666665459e-1f);
  p = p * r + splat8(5.0000001201e-1f);
  p = p * r * r + r + splat8(1.0f);
  const v8i bits = ((v8i)n - (v8i)splat8(12582912.0f) + 127) << 23;
  return p * (v8)bits;
}

FOMO_INLINE v8 sigmoid(v8 x) { return splat8(1.0f) / (splat8(1.0f) + exp(-x)); }

/// Converts eight bytes. Without the intrinsics, compilers convert in more steps.
FOMO_INLINE v8 bytes_to_floats(const uint8_t* from) {
#ifdef __AVX2__
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
  return (v8)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes));
#else
  return __builtin_convertvector(*reinterpret_cast<const v8bu*>(from), v8);
#endif
}

/// Rounds four floats to the nearest integers in [0, 255]. The first one is the lowest byte.
FOMO_INLINE uint32_t floats_to_bytes(v4 values) {
#ifdef __AVX2__
  const __m128i rounded = _mm_cvtps_epi32((__m128)values);
  const __m128i words = _mm_packs_epi32(rounded, rounded);
  return static_cast<uint32_t>(_mm_cvtsi128_si32(_mm_packus_epi16(words, words)));
#else
  const v4i rounded = __builtin_convertvector(values + 0.5F, v4i);
  const v4i positive = rounded & ~(rounded >> 31);
  const v4i over = positive > 255;
  const v4b bytes = __builtin_convertvector((positive & ~over) | (over & 255), v4b);
  uint32_t result;
  __builtin_memcpy(&result, &bytes, sizeof result);
  return result;
#endif
}

} // namespace fomo::simd::FOMO_ISA
