/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An engine library without a version of the C table that the plugin supports. */
#include <stddef.h>

#include "api/engine_api.h"

__attribute__((visibility("default"))) const FomoEngineApi* fomo_engine_get_api(uint32_t abi) {
  (void)abi;
  return NULL;
}
