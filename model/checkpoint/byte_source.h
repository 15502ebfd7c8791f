// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "common/regular_file.h"
#include "model/checkpoint/format_error.h"

namespace fomo {

/// Most bytes of a file that describe its tensors (a safetensors header, a pickle, a zip
/// directory). These are read into memory whole; a published training checkpoint has 300 KB.
constexpr uint64_t max_description = uint64_t{16} << 20;

/// Bytes that can be read at any place: a file's, or a test's in memory. Thread-safe.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  uint64_t size() const { return size_; }
  /// Copies bytes [offset, offset + count) to `out`. Throws FormatError outside of the bytes, Error
  /// when the file cannot be read.
  void read(uint64_t offset, void* out, uint64_t count) const {
    if (offset > size_ || count > size_ - offset)
      throw TruncatedError("ends too early. Download or copy it again.");
    if (count != 0)
      copy(offset, out, count);
  }
  std::string text(uint64_t offset, uint64_t count) const {
    if (offset > size_ || count > size_ - offset) // before memory is taken for them
      throw TruncatedError("ends too early. Download or copy it again.");
    std::string bytes(static_cast<size_t>(count), '\0');
    read(offset, bytes.data(), count);
    return bytes;
  }
  /// The bytes will be read soon.
  virtual void will_read(uint64_t offset, uint64_t count) const {
    (void)offset;
    (void)count;
  }

 protected:
  explicit ByteSource(uint64_t size) : size_(size) {}

 private:
  virtual void copy(uint64_t offset, void* out, uint64_t count) const = 0;

  uint64_t size_;
};

/// The bytes of a regular file.
class FileSource : public ByteSource {
 public:
  explicit FileSource(std::unique_ptr<const RegularFile> file)
      : ByteSource(file->size()), file_(std::move(file)) {}

  void will_read(uint64_t offset, uint64_t count) const override {
    file_->will_read(offset, count);
  }

 private:
  void copy(uint64_t offset, void* out, uint64_t count) const override {
    file_->read(offset, out, count);
  }

  std::unique_ptr<const RegularFile> file_;
};

/// Bytes in memory, for tests and fuzzers.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : ByteSource(bytes.size()), bytes_(std::move(bytes)) {}

 private:
  void copy(uint64_t offset, void* out, uint64_t count) const override {
    std::memcpy(out, bytes_.data() + offset, static_cast<size_t>(count));
  }

  std::string bytes_;
};

} // namespace fomo
