// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// The file that a `model` setting names. "builtin" is the model that comes with fomotransfer; the
/// environment variable FOMOTRANSFER_BUILTIN names another one in its place, unless the process has
/// elevated privileges. Throws Error (FOMO_NOT_FOUND) with the places that were tried.
std::string model_path(const std::string& model);

} // namespace fomo
