// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Marks arithmetic that is written once and runs in CPU loops and in CUDA kernels alike.
#ifdef __CUDACC__
#define FOMO_HD __host__ __device__ inline
#else
#define FOMO_HD inline
#endif
