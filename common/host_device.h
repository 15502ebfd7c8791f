// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Marks arithmetic that is written once for CPU loops and CUDA kernels. On the CPU it is always
/// inlined, for the reason that simd/inline.h gives.
#ifdef __CUDACC__
#define FOMO_HD __host__ __device__ inline
#else
#define FOMO_HD inline __attribute__((always_inline))
#endif
