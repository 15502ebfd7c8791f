// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/lines.h"

namespace fomo::compose {

namespace portable {
extern const Lines lines;
}
#ifdef FOMO_HAVE_AVX2
namespace avx2 {
extern const Lines lines;
}
#endif

const Lines& portable_lines() { return portable::lines; }

const Lines& best_lines() {
#ifdef FOMO_HAVE_AVX2
  static const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (has_avx2)
    return avx2::lines;
#endif
  return portable::lines;
}

} // namespace fomo::compose
