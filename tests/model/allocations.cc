// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/model/allocations.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace fomo::test {
namespace {

std::atomic<long> count{0}, live{0}, left_until_failure{0};
std::atomic<size_t> live_bytes{0}, peak_bytes{0};
std::atomic<bool> failed{false};

void* allocate(size_t size, size_t alignment) {
  if (left_until_failure > 0 && --left_until_failure == 0) {
    failed = true;
    throw std::bad_alloc();
  }
  void* memory = alignment > alignof(std::max_align_t)
                     ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                     : std::malloc(size);
  if (memory == nullptr)
    throw std::bad_alloc();
  ++count;
  ++live;
  const size_t now = live_bytes += malloc_usable_size(memory);
  for (size_t peak = peak_bytes; now > peak && !peak_bytes.compare_exchange_weak(peak, now);) {
  }
  return memory;
}

void release(void* memory) {
  if (memory == nullptr)
    return;
  --live;
  live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

} // namespace

Allocations allocations() { return {count, live, live_bytes, peak_bytes}; }

void reset_peak() { peak_bytes = live_bytes.load(); }

FailingAllocation::FailingAllocation(long n) {
  failed = false;
  left_until_failure = n;
}

FailingAllocation::~FailingAllocation() { left_until_failure = 0; }

bool FailingAllocation::has_failed() const { return failed; }

} // namespace fomo::test

void* operator new(size_t size) { return fomo::test::allocate(size, 1); }
void* operator new(size_t size, std::align_val_t alignment) {
  return fomo::test::allocate(size, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { fomo::test::release(memory); }
void operator delete(void* memory, size_t) noexcept { fomo::test::release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { fomo::test::release(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  fomo::test::release(memory);
}
