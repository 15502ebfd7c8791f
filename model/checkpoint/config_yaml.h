// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/checkpoint/config.h"

namespace fomo {

/// What the weights tell (`inferred`), with the options from `yaml` that weights cannot tell.
/// Throws Error (FOMO_SETTINGS) naming `name`, the weights' file and both values when they
/// contradict each other.
ModelConfig merge_yaml(const ModelConfig& inferred, const std::string& yaml,
                       const std::string& name, const std::string& weights);

} // namespace fomo
