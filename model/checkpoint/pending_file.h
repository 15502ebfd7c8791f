// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

namespace fomo {

/// A file that is written under a temporary name and renamed when it is complete. At any time the
/// final name stands for the old file or for the whole new one.
class PendingFile {
 public:
  /// Throws Error that names the file and the reason, as all members do.
  explicit PendingFile(const std::string& path);
  /// Removes the file unless `finish` was called.
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  void write(const void* bytes, size_t size);
  /// Leaves a hole of `size` bytes, which reads as zeros and takes no space on the disk.
  void skip(size_t size);
  /// Waits until the bytes are on the disk and renames the file.
  void finish();

 private:
  [[noreturn]] void fail() const;

  std::string path_, pending_path_;
  FILE* file_ = nullptr;
  bool ends_in_hole_ = false;
};

} // namespace fomo
