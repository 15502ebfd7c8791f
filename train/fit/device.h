// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <c10/core/Device.h>

namespace fomo::train {

/// "cpu", "cuda" (the first GPU), "cuda:N", or "auto": a GPU if there is one that works, otherwise
/// the CPU. Throws Error (FOMO_NOT_FOUND, FOMO_LIBRARY, FOMO_SETTINGS).
at::Device training_device(const std::string& name);

} // namespace fomo::train
