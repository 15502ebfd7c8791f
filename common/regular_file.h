// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <sys/stat.h>

namespace fomo {

/// What to do about a file that does not exist: what replaces ~, for a `path` that begins with it,
/// otherwise `usual`. The result begins with a space.
std::string missing_file_remedy(const std::string& path, const std::string& usual);

/// What stat() tells of `path`; empty if it fails. Throws Error (FOMO_OPEN_READ) when the file
/// system does not answer (read_timed()).
std::optional<struct stat> file_status(const std::string& path);

/// A regular file, open for reading. Its bytes are copied, never mapped: when another process
/// shortens the file, a read fails with an Error, where a mapping would raise SIGBUS.
class RegularFile {
 public:
  /// FIFOs, devices, sockets and directories are refused without waiting for them. A file system
  /// that does not answer is waited for as read_timed() does. Throws Error (FOMO_NOT_FOUND,
  /// FOMO_OPEN_READ) that names the path, the reason and the remedy.
  explicit RegularFile(const std::string& path);
  ~RegularFile();
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;

  const std::string& path() const { return path_; }
  int descriptor() const;
  /// Size in bytes when the file was opened.
  uint64_t size() const;

  /// Copies bytes [offset, offset + count) to `out`. Thread-safe. Throws Error (FOMO_OPEN_READ)
  /// when the file has become shorter or the disk fails.
  void read(uint64_t offset, void* out, uint64_t count) const;
  /// Asks the kernel to load bytes [offset, offset + count) from the disk ahead of their use.
  void will_read(uint64_t offset, uint64_t count) const;

 private:
  struct Opened;

  std::string path_;
  std::unique_ptr<const Opened> opened_;
};

} // namespace fomo
