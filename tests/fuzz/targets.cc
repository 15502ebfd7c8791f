// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/fuzz/targets.h"

namespace fomo::fuzz {

const Target fuzz_targets[] = {
    {"legacy", run_legacy},
    {"zip", run_zip},
    {"safetensors", run_safetensors},
    {"pickle", run_pickle},
    {"config_yaml", run_config_yaml},
    {"config_inference", run_config_inference},
    {nullptr, nullptr},
};

} // namespace fomo::fuzz
