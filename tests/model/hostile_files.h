// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace fomo::test {

/// Files whose description is made to take long or much memory.
struct HostileFile {
  const char* name;
  /// The file, with a description of about `bytes` bytes.
  std::string (*make)(size_t bytes);
};

const std::vector<HostileFile>& hostile_files();

} // namespace fomo::test
