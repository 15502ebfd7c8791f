// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/kernels/isa.h"
#include "model/kernels/thread_pool.h"

namespace fomo::kernels {

/// Who computes: on whose threads, on how many at most, with which instructions.
struct Executor {
  ThreadPool* pool = &ThreadPool::instance();
  int threads = 1;
  const Isa* isa = &best_isa();

  template<typename Body>
  void parallel_for(int count, Body&& body) const {
    pool->parallel_for(count, threads, body);
  }
};

} // namespace fomo::kernels
