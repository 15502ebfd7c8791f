// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include <c10/core/Device.h>

namespace fomo::train {

/// The device of a name: "cpu", "cuda" (the first GPU), "cuda:N", or "auto" (a working GPU if there
/// is one, otherwise the CPU). Throws Error (FOMO_NOT_FOUND, FOMO_LIBRARY, FOMO_SETTINGS).
at::Device training_device(const std::string& name);

} // namespace fomo::train
