// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "model/kernels/bf16_image.h"
#include "simd/isa.h"

namespace fomo::kernels {

/// Rows and columns of a product of a Bf16Unit.
constexpr int kBf16Rows = 32, kBf16Columns = 32;

/// The weights of one segment: 32 input channels times 32 columns. The channels are in pairs, whose
/// two numbers lie side by side: [2 halves][16 pairs of channels][16 columns][2].
constexpr ptrdiff_t kBf16SegmentSize = ptrdiff_t(kBf16Lanes) * kBf16Columns;

/// Where one segment of a product lies, in elements.
struct Bf16Segment {
  ptrdiff_t row;     ///< of its 32 channels, from the start of a row
  ptrdiff_t weights; ///< of its kBf16SegmentSize weights
};

/// Work in small pieces that does not depend on the product at hand.
struct Bf16Chores {
  void* context;
  /// Does the next piece. Returns whether there is one more.
  bool (*next)(void* context);
};

/// sums[r][0..31] (+)= sum over segments s and channels i < 32 of row(r)[s.row + i] * its weights.
/// Row r is `upper + r * row_step` for r < 16, otherwise `lower + (r - 16) * row_step`. The order
/// of the sums is fixed.
struct Bf16Product {
  const bf16 *upper, *lower;
  ptrdiff_t row_step; ///< elements
  const Bf16Segment* segments;
  int count; ///< of segments
  const bf16* weights;
  float* sums; ///< [32][32]
  bool add;    ///< to the numbers in `sums`
  bool fetch;  ///< the weights are probably not in the cache yet
  /// Unless null: weights of a later product, which the unit may bring into the second-level cache
  /// while it multiplies, and the number of their cache lines.
  const bf16* ahead;
  int ahead_lines;
  /// Unless null: chores that the unit may begin while it multiplies. The caller does the rest.
  const Bf16Chores* chores;
};

/// A way to multiply bf16 with fp32 sums.
struct Bf16Unit {
  const char* name; ///< "amx", "avx512bf16", or the name of an instruction set
  /// Called on each thread before and after its products.
  void (*begin)();
  void (*end)();
  void (*multiply)(const Bf16Product& product);
};

/// The units that this process can use, in the order of preference, the best last; never empty. The
/// first ones convert to fp32 in the instruction sets of simd/isa.h.
const std::vector<const Bf16Unit*>& supported_bf16_units();

/// The last of supported_bf16_units().
const Bf16Unit& best_bf16_unit();

/// Whether bf16 is faster than fp32 on this processor, which takes AMX: AVX512-BF16 makes twice the
/// products of fp32, Winograd's algorithms need a fifth of them.
bool is_bf16_faster();

} // namespace fomo::kernels
