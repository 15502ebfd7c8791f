// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/bf16_x86.h"

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fomo::kernels {

namespace {

#define FOMO_AVX512_BF16 __attribute__((target("avx512f,avx512bf16")))
#define FOMO_AMX __attribute__((target("amx-tile,amx-bf16")))

/// Two channels of a row, or of a column of weights, in 32 bits.
typedef uint32_t pair_u __attribute__((aligned(2), may_alias));

constexpr int kPairs = kBf16Lanes / 2, kTile = 16;

/// `Rows` rows of a product: their sums stay in registers.
template<int Rows>
FOMO_AVX512_BF16 inline __attribute__((always_inline)) void
multiply_rows(const Bf16Product& p, const bf16* first, float* sums) {
  __m512 sum[Rows][2];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; r++)
    for (int half = 0; half < 2; half++)
      sum[r][half] =
          p.add ? _mm512_loadu_ps(sums + r * kBf16Columns + half * kTile) : _mm512_setzero_ps();
  for (int s = 0; s < p.count; s++) {
    const bf16* weights = p.weights + p.segments[s].weights;
    for (int i = 0; i < kPairs; i++) {
      const bf16* column = weights + i * kTile * 2;
      const auto left = (__m512bh)_mm512_loadu_si512(column);
      const auto right = (__m512bh)_mm512_loadu_si512(column + kBf16SegmentSize / 2);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; r++) {
        const bf16* pair = first + r * p.row_step + p.segments[s].row + 2 * i;
        const auto value = (__m512bh)_mm512_set1_epi32(int(*reinterpret_cast<const pair_u*>(pair)));
        sum[r][0] = _mm512_dpbf16_ps(sum[r][0], value, left);
        sum[r][1] = _mm512_dpbf16_ps(sum[r][1], value, right);
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; r++)
    for (int half = 0; half < 2; half++)
      _mm512_storeu_ps(sums + r * kBf16Columns + half * kTile, sum[r][half]);
}

FOMO_AVX512_BF16 void multiply_avx512(const Bf16Product& p) {
  for (int r = 0; r < kTile; r += 8) {
    multiply_rows<8>(p, p.upper + r * p.row_step, p.sums + ptrdiff_t(r) * kBf16Columns);
    multiply_rows<8>(p, p.lower + r * p.row_step, p.sums + ptrdiff_t(r + kTile) * kBf16Columns);
  }
}

struct alignas(64) TileConfig {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
};

constexpr TileConfig full_tiles() {
  TileConfig config;
  for (int tile = 0; tile < 8; tile++) {
    config.row_bytes[tile] = 64;
    config.rows[tile] = kTile;
  }
  return config;
}

/// Constant data: GCC 12 takes _tile_loadconfig for a function that reads eight bytes, and would
/// leave the rest of a local variable unwritten.
constexpr TileConfig kFullTiles = full_tiles();

FOMO_AMX void begin_tiles() { _tile_loadconfig(&kFullTiles); }

FOMO_AMX void end_tiles() { _tile_release(); }

/// Asks for the weights of the segment after the next. Without that two cores read weights from the
/// third-level cache or from memory at half of its speed.
inline void fetch_weights(const bf16* weights) {
  constexpr ptrdiff_t kLine = 64 / sizeof(bf16);
  for (ptrdiff_t i = 0; i < kBf16SegmentSize; i += kLine)
    __builtin_prefetch(weights + 2 * kBf16SegmentSize + i);
}

/// Asks for the weights of a later product, some with each segment.
class Ahead {
 public:
  explicit Ahead(const Bf16Product& p)
      : next_(p.ahead), left_(p.ahead ? p.ahead_lines : 0), step_((left_ + p.count - 1) / p.count) {
  }

  void ask() {
    for (int i = 0; i < step_ && left_ > 0; i++, left_--, next_ += 64 / sizeof(bf16))
      __builtin_prefetch(next_, 0, 2); // into the second-level cache
  }

 private:
  const bf16* next_;
  int left_, step_;
};

/// Adds the products to four tiles of sums. Each tile that is loaded is used twice, so that
/// products and not loads are the limit. The tiles' unit works apart from the core's others, which
/// do the chores meanwhile.
template<bool kFetch>
FOMO_AMX void add_products(const Bf16Product& p) {
  const ptrdiff_t step = p.row_step * ptrdiff_t(sizeof(bf16));
  bool more = p.chores != nullptr;
  Ahead ahead(p);
  for (int s = 0; s < p.count; s++) {
    const ptrdiff_t row = p.segments[s].row;
    const bf16* weights = p.weights + p.segments[s].weights;
    if (kFetch)
      fetch_weights(weights);
    ahead.ask();
    _tile_loadd(4, p.upper + row, step);
    _tile_loadd(6, weights, 64);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, weights + kBf16SegmentSize / 2, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, p.lower + row, step);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
    if (more)
      more = p.chores->next(p.chores->context);
  }
}

FOMO_AMX void multiply_tiles(const Bf16Product& p) {
  constexpr ptrdiff_t line = kBf16Columns * sizeof(float);
  float* const lower = p.sums + kTile * kBf16Columns;
  if (p.add) {
    _tile_loadd(0, p.sums, line);
    _tile_loadd(1, p.sums + kTile, line);
    _tile_loadd(2, lower, line);
    _tile_loadd(3, lower + kTile, line);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  if (p.fetch)
    add_products<true>(p);
  else
    add_products<false>(p);
  _tile_stored(0, p.sums, line);
  _tile_stored(1, p.sums + kTile, line);
  _tile_stored(2, lower, line);
  _tile_stored(3, lower + kTile, line);
}

bool cpu_has_amx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kBf16 = 1U << 22, kTiles = 1U << 24; // leaf 7, register EDX
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & kBf16) && (d & kTiles);
}

/// Linux saves tiles only for processes that ask for it. The answer holds for all threads.
bool may_use_tiles() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18; // ARCH_REQ_XCOMP_PERM
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

void nothing() {}

} // namespace

const Bf16Unit* avx512_bf16_unit() {
  static constexpr Bf16Unit unit{"avx512bf16", nothing, nothing, multiply_avx512};
  static const bool there =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bf16");
  return there ? &unit : nullptr;
}

const Bf16Unit* amx_unit() {
  static constexpr Bf16Unit unit{"amx", begin_tiles, end_tiles, multiply_tiles};
  static const bool there = cpu_has_amx() && may_use_tiles();
  return there ? &unit : nullptr;
}

} // namespace fomo::kernels

#else

namespace fomo::kernels {

const Bf16Unit* avx512_bf16_unit() { return nullptr; }
const Bf16Unit* amx_unit() { return nullptr; }

} // namespace fomo::kernels

#endif
