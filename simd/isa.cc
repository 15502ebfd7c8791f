// SPDX-License-Identifier: LGPL-2.1-or-later
#include "simd/isa.h"

namespace fomo::simd {

namespace {

// has_NAME: whether the processor and the operating system support the set NAME of isa_list.h.

bool has_portable() { return true; }

#ifdef __x86_64__
[[maybe_unused]] bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

/// All servers with AVX-512 since 2017 have these extensions.
[[maybe_unused]] bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

struct Entry {
  const char* name;
  bool (*is_supported)();
};

#define FOMO_ENTRY(name, ...) {#name, &has_##name},
constexpr Entry kEntries[] = {FOMO_FOR_EACH_ISA(FOMO_ENTRY)};
#undef FOMO_ENTRY

} // namespace

const char* isa_name(Isa isa) { return kEntries[int(isa)].name; }

std::vector<Isa> supported_isas() {
  std::vector<Isa> supported;
  for (int i = 0; i < int(sizeof kEntries / sizeof kEntries[0]); i++)
    if (kEntries[i].is_supported())
      supported.push_back(Isa(i));
  return supported;
}

Isa best_isa() {
  static const Isa best = supported_isas().back();
  return best;
}

} // namespace fomo::simd
