// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/checkpoint/byte_source.h"

namespace fomo {

/// A regular file mapped into memory, read-only. For the project's own data: a file that another
/// process shortens raises SIGBUS in this one.
class MappedFile : public ByteSource {
 public:
  /// Throws Error (FOMO_NOT_FOUND, FOMO_OPEN_READ) that names the file, the reason and the remedy.
  static std::shared_ptr<const MappedFile> open(const std::string& path);
  ~MappedFile() override;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::byte* data() const { return static_cast<const std::byte*>(address_); }

 private:
  MappedFile(void* address, uint64_t size) : ByteSource(size), address_(address) {}
  void copy(uint64_t offset, void* out, uint64_t count) const override;

  void* address_;
};

} // namespace fomo
