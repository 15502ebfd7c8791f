// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

namespace fomo {

/// A file that gets its name when it is complete: it is written beside it and renamed, so that
/// whatever happens the name stands for the old file or for the whole new one.
class PendingFile {
 public:
  /// Throws Error naming the file and the reason, as all members do.
  explicit PendingFile(const std::string& path);
  /// Without `finish` nothing is left.
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  void write(const void* bytes, size_t size);
  /// Leaves a hole, which reads as zeros and takes no room on the disk.
  void skip(size_t size);
  /// Waits for the disk and gives the file its name.
  void finish();

 private:
  [[noreturn]] void fail() const;

  std::string path_, pending_path_;
  FILE* file_ = nullptr;
  bool ends_in_hole_ = false;
};

} // namespace fomo
