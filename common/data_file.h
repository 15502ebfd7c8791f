// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace fomo {

/// The folder of the shared library or program that contains this function.
std::string own_folder();

/// Finds a data file of fomotransfer relative to this library or program: in the build tree
/// (`built` is its path from the tree's root) or where `meson install` puts it (under `name`). A
/// process with elevated privileges looks only where `meson install` puts the file. Throws Error
/// (FOMO_NOT_FOUND) that lists the paths tried.
std::string data_file(const std::string& built, const std::string& name);

} // namespace fomo
