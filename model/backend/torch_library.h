// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/backend/torch_api.h"

namespace fomo {

/// The functions of libfomotorch.so. The first call opens the library, and LibTorch with it, for
/// the rest of the process. Throws Error (FOMO_LIBRARY).
const TorchApi& torch_library();

/// Throws Error (FOMO_LIBRARY) if libfomotorch.so is not there, as in a build without LibTorch.
/// Opens nothing.
void require_torch_library();

} // namespace fomo
