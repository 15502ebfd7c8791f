// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <set>
#include <string>

namespace fomo {

/// Which model a checkpoint belongs to, from the names at its top level. Returns the end of a
/// sentence, such as "is a checkpoint of MRAA (…), another model.", and what to do. `tensors`:
/// there are tensors at the top level (a state dict without a name).
std::string describe_foreign(const std::set<std::string>& names, bool tensors);

} // namespace fomo
