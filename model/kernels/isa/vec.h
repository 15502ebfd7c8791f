// SPDX-License-Identifier: LGPL-2.1-or-later
// Eight floats as one value in the compilers' vector extension: one AVX register, or two of SSE or
// NEON. Every file of this folder is compiled once for each instruction set, into the namespace
// FOMO_ISA, and uses no template of the standard library: the linker would keep one copy of it for
// all sets.
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/kernels/image.h"

#define FOMO_INLINE static inline __attribute__((always_inline))

namespace fomo::kernels::FOMO_ISA {

typedef float v8 __attribute__((vector_size(32)));
typedef int32_t v8i __attribute__((vector_size(32)));
typedef float v8u __attribute__((vector_size(32), aligned(4), may_alias));

FOMO_INLINE v8 load(const float* from) { return *reinterpret_cast<const v8u*>(from); }
FOMO_INLINE void store(float* to, v8 value) { *reinterpret_cast<v8u*>(to) = value; }
FOMO_INLINE v8 splat(float x) { return v8{x, x, x, x, x, x, x, x}; }
FOMO_INLINE v8 max(v8 a, v8 b) { return a > b ? a : b; }
FOMO_INLINE v8 min(v8 a, v8 b) { return a < b ? a : b; }
FOMO_INLINE v8 relu(v8 x) { return max(x, v8{}); }
FOMO_INLINE int least(int a, int b) { return a < b ? a : b; }
FOMO_INLINE int most(int a, int b) { return a > b ? a : b; }

/// e^x to about two units in the last place; arguments beyond +-87 count as +-87.
FOMO_INLINE v8 exp(v8 x) {
  x = min(max(x, splat(-87.0f)), splat(87.0f));
  const v8 n = x * splat(1.44269504f) + splat(12582912.0f); // 1.5 * 2^23: rounds to an integer
  const v8 k = n - splat(12582912.0f);
  const v8 r = (x - k * splat(0.693359375f)) + k * splat(2.12194440e-4f);
  v8 p = splat(1.9875691500e-4f);
  p = p * r + splat(1.3981999507e-3f);
  p = p * r + splat(8.3334519073e-3f);
  p = p * r + splat(4.1665795894e-2f);
  p = p * r + splat(1.6666665459e-1f);
  p = p * r + splat(5.0000001201e-1f);
  p = p * r * r + r + splat(1.0f);
  const v8i bits = ((v8i)n - (v8i)splat(12582912.0f) + 127) << 23;
  return p * (v8)bits;
}

FOMO_INLINE v8 sigmoid(v8 x) { return splat(1.0f) / (splat(1.0f) + exp(-x)); }

} // namespace fomo::kernels::FOMO_ISA
