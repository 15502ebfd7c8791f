// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/thread_pool.h"
#include "model/kernels/kernel_table.h"

namespace fomo::kernels {

struct Bf16Unit;

/// How kernels run: the pool, the largest number of threads, the instruction set.
struct Executor {
  ThreadPool* pool = &ThreadPool::instance();
  int threads = 1;
  const KernelTable* kernels = &best_kernels();
  const Bf16Unit* bf16 = nullptr; ///< what multiplies bf16; null: no convolution of bf16 runs

  template<typename Body>
  void parallel_for(int count, Body&& body) const {
    pool->parallel_for(count, threads, body);
  }

  /// Calls `body(row)` for each row. A task is several rows, because one row is less work than
  /// starting a task.
  template<typename Body>
  void parallel_rows(int rows, Body&& body) const {
    const int parts = rows < 4 * threads ? rows : 4 * threads;
    pool->parallel_for(parts, threads, [&](int part, int) {
      for (int row = rows * part / parts; row < rows * (part + 1) / parts; row++)
        body(row);
    });
  }
};

} // namespace fomo::kernels
