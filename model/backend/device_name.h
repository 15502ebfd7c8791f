// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// The index of the GPU that `name`, a value of the property device, names: N of "cuda:N" (0 to
/// 999), 0 of "cuda". -1: it names no GPU.
int cuda_index_of(const std::string& name);

} // namespace fomo
