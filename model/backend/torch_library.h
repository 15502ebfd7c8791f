// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/backend/torch_api.h"

namespace fomo {

/// libfomotorch.so, which brings LibTorch into the process, opened at the first call and kept.
/// Throws Error (FOMO_LIBRARY).
const TorchApi& torch_library();

} // namespace fomo
