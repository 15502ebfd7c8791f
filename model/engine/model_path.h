// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// The folder of the shared library or program that this code is in.
std::string own_folder();

/// The file that a `model` setting names: "builtin" is looked for beside this library or program
/// (in the build tree and where `meson install` puts it); FOMOTRANSFER_BUILTIN overrides. Throws
/// Error (FOMO_NOT_FOUND) with the places that were tried.
std::string model_path(const std::string& model);

} // namespace fomo
