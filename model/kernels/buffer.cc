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

} // namespace

Buffer::Buffer(size_t floats) : size_(floats) {
  if (floats == 0)
    return;
  const size_t align = floats * sizeof(float) >= 2 * kHugePage ? kHugePage : kCacheLine;
  const size_t bytes = (floats * sizeof(float) + align - 1) / align * align;
  void* memory = std::aligned_alloc(align, bytes);
  if (!memory)
    throw std::bad_alloc();
  if (align == kHugePage)
    madvise(memory, bytes, MADV_HUGEPAGE);
  std::memset(memory, 0, bytes);
  data_.reset(static_cast<float*>(memory));
}

void Buffer::Free::operator()(float* data) const { std::free(data); }

} // namespace fomo::kernels
