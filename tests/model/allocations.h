// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>

// A program that links allocations.cc counts what operator new allocates, and can let it fail.
namespace fomo::test {

struct Allocations {
  long count = 0; ///< since the start of the program
  long live = 0;  ///< allocated and not freed yet
  size_t live_bytes = 0;
  size_t peak_bytes = 0; ///< the most that live_bytes has been since reset_peak
};

Allocations allocations();
void reset_peak();

/// While it lives, the n-th allocation from its construction on (1: the first) throws
/// std::bad_alloc, once.
class FailingAllocation {
 public:
  explicit FailingAllocation(long n);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  /// Whether the allocation has failed: false when fewer than n were made.
  bool has_failed() const;
};

} // namespace fomo::test
