// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>

// In a program that links allocations.cc, operator new counts allocations and can be made to fail.
namespace fomo::test {

struct Allocations {
  long count = 0; ///< allocations since the start of the program
  long live = 0;  ///< allocations that are not freed yet
  size_t live_bytes = 0;
  size_t peak_bytes = 0; ///< maximum of live_bytes since reset_peak
};

Allocations allocations();
void reset_peak();

/// While an object lives, the n-th allocation after its construction (1: the first) throws
/// std::bad_alloc, once.
class FailingAllocation {
 public:
  explicit FailingAllocation(long n);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  /// Whether the n-th allocation has failed: false if fewer than n allocations were made.
  bool has_failed() const;
};

} // namespace fomo::test
