// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

/// Marks every function of a header that per-set sources include (sources that are compiled once
/// for each instruction set). An ordinary inline function may be emitted by each translation unit
/// that includes it, and the linker keeps any one of the copies: if that is the AVX2 copy, a
/// processor without AVX2 crashes in code that never asked for AVX2. A function with this mark is
/// never emitted, only inlined. tests/simd/one_definition.sh checks the compiled objects.
#define FOMO_INLINE inline __attribute__((always_inline))
