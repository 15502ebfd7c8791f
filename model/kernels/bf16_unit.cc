// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/bf16_unit.h"

#include <cstring>

#include "model/kernels/bf16_x86.h"
#include "model/kernels/kernel_table.h"

namespace fomo::kernels {

namespace {

void nothing() {}

template<int Isa>
void multiply_in(const Bf16Product& product) {
  kernel_table(simd::Isa(Isa)).bf16_multiply(product);
}

#define FOMO_COUNT(name, ...) +1
constexpr int kIsas = FOMO_FOR_EACH_ISA(FOMO_COUNT);
#undef FOMO_COUNT

/// One unit for each instruction set from `Isa` on.
template<int Isa = 0>
void add_isas(std::vector<Bf16Unit>& units) {
  if constexpr (Isa < kIsas) {
    units.push_back({simd::isa_name(simd::Isa(Isa)), nothing, nothing, multiply_in<Isa>});
    add_isas<Isa + 1>(units);
  }
}

} // namespace

const std::vector<const Bf16Unit*>& supported_bf16_units() {
  static const std::vector<const Bf16Unit*> supported = [] {
    static std::vector<Bf16Unit> isas;
    add_isas(isas);
    std::vector<const Bf16Unit*> units;
    for (const simd::Isa isa : simd::supported_isas())
      units.push_back(&isas[size_t(isa)]);
    for (const Bf16Unit* unit : {avx512_bf16_unit(), amx_unit()})
      if (unit)
        units.push_back(unit);
    return units;
  }();
  return supported;
}

const Bf16Unit& best_bf16_unit() {
  static const Bf16Unit& best = *supported_bf16_units().back();
  return best;
}

bool is_bf16_faster() { return amx_unit() != nullptr; }

} // namespace fomo::kernels
