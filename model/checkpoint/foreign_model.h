// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>

namespace fomo {

/// Whose checkpoint it is, from the names at its top: a sentence's rest such as "is a checkpoint of
/// MRAA (…), another model." with what to do. `tensors` tells whether there are tensors at the top
/// themselves (a bare state dict).
std::string describe_foreign(const std::set<std::string>& names, bool tensors);

} // namespace fomo
