// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <memory>

namespace fomo::kernels {

/// Floats at a multiple of 64 bytes, zero at first. Large ones ask for huge pages: packed weights
/// are read from end to end in every frame, and the misses of 4 KiB pages cost more than the
/// reading.
class Buffer {
 public:
  Buffer() = default;
  /// Throws std::bad_alloc.
  explicit Buffer(size_t floats);

  float* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  struct Free {
    size_t mapped_bytes; ///< 0: from the heap
    void operator()(float* data) const;
  };
  std::unique_ptr<float, Free> data_{nullptr, Free{0}};
  size_t size_ = 0;
};

} // namespace fomo::kernels
