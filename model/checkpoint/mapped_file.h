// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace fomo {

/// A regular file mapped into memory, read-only. Pages come in as they are touched, without
/// read-ahead until `expect` names what is wanted: parts that nobody needs stay on the disk.
class MappedFile {
 public:
  /// Throws Error (FOMO_NOT_FOUND, FOMO_OPEN_READ) naming the file, the reason and what to do.
  static std::shared_ptr<const MappedFile> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(address_), size_}; }

  /// `part` will be read soon.
  void expect(std::string_view part) const;
  /// Read-ahead as usual from now on.
  void expect_sequential() const;
  /// Lets go of the memory of all pages; they are read again when touched.
  void drop_pages() const;

 private:
  MappedFile(void* address, size_t size) : address_(address), size_(size) {}

  void* address_;
  size_t size_;
};

} // namespace fomo
