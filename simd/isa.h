// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "simd/isa_list.h" // made by meson: FOMO_FOR_EACH_ISA(X, ...), X(name, ...) for each set

namespace fomo::simd {

/// The instruction sets that this build has code for, in the order of preference, the best last.
enum class Isa {
#define FOMO_ENUMERATOR(name, ...) name,
  FOMO_FOR_EACH_ISA(FOMO_ENUMERATOR)
#undef FOMO_ENUMERATOR
};

/// "portable" (the compiler's basic target), "avx2", "avx512".
const char* isa_name(Isa isa);

/// The sets that this processor has, in the order of preference; never empty.
std::vector<Isa> supported_isas();

/// The last of supported_isas(). The processor is asked once.
Isa best_isa();

} // namespace fomo::simd
