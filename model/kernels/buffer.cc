// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace fomo::kernels {

namespace {

constexpr size_t kCacheLine = 64;
constexpr size_t kHugePage = size_t(2) << 20;

/// Zeroed memory from the kernel. A page takes memory only after it is first written.
float* map_pages(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    throw std::bad_alloc();
  madvise(memory, bytes, MADV_HUGEPAGE);
  return static_cast<float*>(memory);
}

float* allocate_lines(size_t bytes) {
  const size_t rounded = (bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
  void* memory = std::aligned_alloc(kCacheLine, rounded);
  if (!memory)
    throw std::bad_alloc();
  std::memset(memory, 0, rounded);
  return static_cast<float*>(memory);
}

} // namespace

Buffer::Buffer(size_t floats) : size_(floats) {
  if (floats == 0)
    return;
  const size_t bytes = floats * sizeof(float);
  const bool mapped = bytes >= kHugePage;
  data_ = {mapped ? map_pages(bytes) : allocate_lines(bytes), Free{mapped ? bytes : 0}};
}

void Buffer::Free::operator()(float* data) const {
  if (mapped_bytes > 0)
    munmap(data, mapped_bytes);
  else
    std::free(data);
}

} // namespace fomo::kernels
