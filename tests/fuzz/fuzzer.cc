// SPDX-License-Identifier: LGPL-2.1-or-later
// libFuzzer's entry points for one target: FOMO_FUZZ_RUN, and FOMO_FUZZ_MUTATE if it has one.
#include <cstdlib>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // libFuzzer does not look at the result.
  if (fomo::fuzz::FOMO_FUZZ_RUN(data, size) != 0)
    std::abort();
  return 0;
}

#ifdef FOMO_FUZZ_MUTATE
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return fomo::fuzz::FOMO_FUZZ_MUTATE(data, size, max_size, seed);
}
#endif
