// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <type_traits>

namespace fomo {

/// Threads that help whoever has a loop to run. The caller always works on its own loop, so a loop
/// ends even if no helper ever comes; helpers join only while fewer threads work than there are
/// cores, so that many streams share the cores without more threads than cores fighting for them.
/// Loops of different callers meet no common lock. A helper without work watches for some ten
/// microseconds, as the next layer's loop follows soon, then sleeps and costs nothing.
class ThreadPool {
 public:
  /// The process's pool, for as many cores as the process may use. Never destroyed (threads may
  /// outlive main), and a child of fork() gets a new one.
  static ThreadPool& instance();

  /// Helpers are started when first wanted, at most `cores` - 1.
  explicit ThreadPool(int cores);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int cores() const { return cores_; }

  /// Calls `body(index, slot)` once for each index in [0, count), in any order, on at most
  /// `threads` threads, and returns when all are done. `slot` in [0, threads) is never used by two
  /// threads at once: it selects scratch memory. `body` must not throw. A loop inside a loop runs
  /// on the thread that asks for it.
  template<typename Body>
  void parallel_for(int count, int threads, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    run({count, threads, const_cast<std::remove_const_t<Plain>*>(&body),
         [](void* context, int index, int slot) { (*static_cast<Plain*>(context))(index, slot); }});
  }

 private:
  struct Loop {
    int count;
    int threads;
    void* context;
    void (*body)(void* context, int index, int slot);
  };
  struct State;

  void run(const Loop& loop);

  int cores_;
  std::unique_ptr<State> state_;
};

} // namespace fomo
