// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// The folder of the shared library or program that this code is in.
std::string own_folder();

/// A file that comes with fomotransfer, looked for beside this library or program: in the build
/// tree (as `built`, relative to its root) and as `name` where `meson install` puts it. Throws
/// Error (FOMO_NOT_FOUND) with the places that were tried.
std::string data_file(const std::string& built, const std::string& name);

} // namespace fomo
