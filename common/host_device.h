// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Marks functions that both CPU loops and CUDA kernels call. On the CPU they are always inlined;
/// simd/inline.h gives the reason.
#ifdef __CUDACC__
#define FOMO_HD __host__ __device__ inline
#else
#define FOMO_HD inline __attribute__((always_inline))
#endif
