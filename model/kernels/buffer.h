// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <memory>

namespace fomo::kernels {

/// An array of floats, aligned to 64 bytes, initially zero. A large array asks for huge pages:
/// every frame reads all packed weights, and with 4 KiB pages the TLB misses cost more than the
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
    size_t mapped_bytes; ///< 0: the memory is from the heap
    void operator()(float* data) const;
  };
  std::unique_ptr<float, Free> data_{nullptr, Free{0}};
  size_t size_ = 0;
};

} // namespace fomo::kernels
