// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace fomo {

/// Runs loops in parallel. The calling thread always works on its own loop, so that the loop ends
/// even if no helper thread is free. Helpers join a loop only while fewer threads work than there
/// are cores: with many streams the threads do not compete for the cores. Callers share no lock. An
/// idle helper polls for some tens of microseconds, because the loop of the next layer usually
/// follows within that time, then it sleeps.
class ThreadPool {
 public:
  /// The pool of the process, for as many cores as the process may use. It is never destroyed,
  /// because threads may outlive main. A child of fork() gets a new pool.
  static ThreadPool& instance();

  /// Starts at most `cores` - 1 helpers, when a loop first needs them.
  explicit ThreadPool(int cores);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int cores() const { return cores_; }

  /// Calls `body(index, worker)` once for each index in [0, count), in any order, on at most
  /// `threads` threads. Returns after the last call. `worker` is in [0, threads), and no two calls
  /// that run at the same time have the same: use it to select scratch memory. `body` must not
  /// throw. A nested loop runs on the calling thread alone.
  ///
  /// Each thread begins with a range of its own, the calling thread with the first one, and helps
  /// with the others afterwards. So a thread mostly finds the results of its last loop, at the same
  /// share of the indices, in its own core's cache.
  template<typename Body>
  void parallel_for(int count, int threads, Body&& body) {
    const int ranges = std::min({count, threads, cores_, kMostRanges});
    if (ranges <= 1)
      return run_each(count, threads, body);
    Range range[kMostRanges];
    const auto begin = [&](int i) { return int(int64_t{count} * i / ranges); };
    run_each(ranges, threads, [&](int own, int worker) {
      for (int i = 0; i < ranges; i++) {
        const int at = (own + i) % ranges, first = begin(at), size = begin(at + 1) - first;
        for (int taken; (taken = range[at].taken.fetch_add(1, std::memory_order_relaxed)) < size;)
          body(first + taken, worker);
      }
    });
  }

 private:
  static constexpr int kMostRanges = 32;

  /// Indices of a range that a thread has taken. A cache line of its own.
  struct alignas(64) Range {
    std::atomic<int> taken{0};
  };

  template<typename Body>
  void run_each(int count, int threads, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    run({count, threads, const_cast<std::remove_const_t<Plain>*>(&body),
         [](void* context, int index, int worker) {
           (*static_cast<Plain*>(context))(index, worker);
         }});
  }

  struct Loop {
    int count;
    int threads;
    void* context;
    void (*body)(void* context, int index, int worker);
  };
  struct State;

  void run(const Loop& loop);

  int cores_;
  std::unique_ptr<State> state_;
};

} // namespace fomo
