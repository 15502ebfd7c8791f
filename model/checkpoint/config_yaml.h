// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "model/checkpoint/config.h"

namespace fomo {

/// `inferred`, which follows from the weights, with the options that weights cannot tell from
/// `yaml`. Throws Error (FOMO_SETTINGS) when the two contradict each other. The message has `name`
/// (of the YAML file), `weights` (of the checkpoint) and both values.
ModelConfig merge_yaml(const ModelConfig& inferred, const std::string& yaml,
                       const std::string& name, const std::string& weights);

} // namespace fomo
