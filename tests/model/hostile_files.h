// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace fomo::test {

/// A file whose description is designed to take much time or memory.
struct HostileFile {
  const char* name;
  /// The file, with a description of about `bytes` bytes.
  std::string (*make)(size_t bytes);
};

const std::vector<HostileFile>& hostile_files();

} // namespace fomo::test
