// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <string>

#include "model/checkpoint/safetensors.h"

namespace fomo {

/// Writes a checkpoint as FOMM's training does with PyTorch < 1.6 (legacy container, storages
/// tagged `cuda:0` and sorted by key). `with_optimizer` adds a discriminator and the states of
/// three Adam optimizers. They are zeros, written as holes that take no disk space. Throws Error.
void write_training_file(const std::string& path,
                         const std::map<std::string, TensorToWrite>& tensors, bool with_optimizer);

} // namespace fomo
