// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/isa.h"

namespace fomo::kernels {

namespace portable {
extern const Isa isa;
}
#ifdef FOMO_HAVE_AVX2
namespace avx2 {
extern const Isa isa;
}
#endif

const Isa& portable_isa() { return portable::isa; }

const Isa& best_isa() {
#ifdef FOMO_HAVE_AVX2
  static const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (has_avx2)
    return avx2::isa;
#endif
  return portable::isa;
}

} // namespace fomo::kernels
