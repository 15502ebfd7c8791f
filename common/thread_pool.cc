// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace fomo {

namespace {

constexpr int kDesks = 64;
/// Looks at all desks before a helper sleeps: some tens of microseconds.
constexpr int kIdleLooks = 400;
/// Looks at the helpers' counter before a caller gives its core away to them.
constexpr int kJoinLooks = 4000;

// The state word of a desk: helpers that have joined (low 16 bits), the loop is open to more, a
// caller owns the desk, and above that a number that changes with every loop.
constexpr uint64_t kJoined = 0xffff;
constexpr uint64_t kOpen = 1u << 16;
constexpr uint64_t kOwned = 1u << 17;
constexpr uint64_t kNextLoop = 1u << 18;

thread_local bool inside_loop = false;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#endif
}

int usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

std::atomic<ThreadPool*> process_pool{nullptr};

} // namespace

/// Where a caller lays its loop out for helpers.
struct alignas(64) Desk {
  std::atomic<uint64_t> state{0};
  std::atomic<int> next{0};
  std::atomic<int> left{0}; ///< helpers that have joined and gone
  // Helpers look at these before they have joined, perhaps at a later loop's.
  std::atomic<int> count{0};
  std::atomic<int> helpers{0};
  void* context = nullptr;
  void (*body)(void*, int, int) = nullptr;

  void work(int slot) {
    inside_loop = true;
    const int end = count.load(std::memory_order_relaxed);
    for (int i; (i = next.fetch_add(1, std::memory_order_relaxed)) < end;)
      body(context, i, slot);
    inside_loop = false;
  }

  /// Joins the loop if it is open, and works until nothing is left of it. False: there was none.
  bool help() {
    uint64_t now = state.load(std::memory_order_acquire);
    do {
      // `helpers` and `next` may belong to a later loop than `now`; then the exchange fails.
      if (!(now & kOpen) || int(now & kJoined) >= helpers.load(std::memory_order_relaxed) ||
          next.load(std::memory_order_relaxed) >= count.load(std::memory_order_relaxed))
        return false;
    } while (!state.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel));
    work(int(now & kJoined) + 1);
    left.fetch_add(1, std::memory_order_release);
    return true;
  }
};

struct ThreadPool::State {
  std::array<Desk, kDesks> desks;
  std::atomic<int> working{0}; ///< threads inside loops
  std::atomic<int> open{0};    ///< loops that want helpers
  std::atomic<int> asleep{0};
  std::atomic<int> started{0};
  std::atomic<bool> stop{false};
  std::mutex mutex; // of the sleep and of starting threads; the hot path takes it only to wake
  std::condition_variable wake;
  std::vector<std::thread> threads;
  int cores = 1;

  bool core_free() const { return working.load(std::memory_order_acquire) < cores; }

  bool help_somebody() {
    if (!core_free())
      return false;
    for (Desk& desk : desks) {
      if (!(desk.state.load(std::memory_order_relaxed) & kOpen))
        continue;
      if (working.fetch_add(1, std::memory_order_acq_rel) >= cores) {
        working.fetch_sub(1, std::memory_order_acq_rel);
        return false;
      }
      const bool helped = desk.help();
      working.fetch_sub(1, std::memory_order_acq_rel);
      if (helped)
        return true;
    }
    return false;
  }

  void helper() {
    int looks = 0;
    while (!stop.load(std::memory_order_relaxed)) {
      if (open.load(std::memory_order_acquire) > 0 && help_somebody()) {
        looks = 0;
      } else if (++looks < kIdleLooks) {
        for (int i = 0; i < 4; i++)
          pause();
      } else {
        sleep();
        looks = 0;
      }
    }
  }

  /// Until a loop opens. A loop that no core is free for does not keep helpers awake.
  void sleep() {
    std::unique_lock<std::mutex> lock(mutex);
    asleep.fetch_add(1, std::memory_order_seq_cst);
    if (!stop && (open.load(std::memory_order_seq_cst) == 0 || !core_free()))
      wake.wait(lock);
    asleep.fetch_sub(1, std::memory_order_seq_cst);
  }

  void start(int wanted) {
    std::lock_guard<std::mutex> lock(mutex);
    while (int(threads.size()) < wanted)
      threads.emplace_back([this] { helper(); });
    started.store(int(threads.size()), std::memory_order_release);
  }

  void call_helpers(int wanted) {
    if (asleep.load(std::memory_order_seq_cst) == 0 || !core_free())
      return;
    std::lock_guard<std::mutex> lock(mutex);
    for (int i = 0; i < wanted; i++)
      wake.notify_one();
  }

  /// A desk that no other caller uses; null if all are taken.
  Desk* own_desk() {
    static std::atomic<unsigned> callers{0};
    static thread_local const unsigned first = callers.fetch_add(1);
    for (int i = 0; i < kDesks; i++) {
      Desk& desk = desks[(first + i) % kDesks];
      uint64_t now = desk.state.load(std::memory_order_relaxed);
      if (!(now & kOwned) &&
          desk.state.compare_exchange_strong(now, now | kOwned, std::memory_order_acquire))
        return &desk;
    }
    return nullptr;
  }

  void share(Desk& desk, const Loop& loop, int helpers) {
    desk.count.store(loop.count, std::memory_order_relaxed);
    desk.helpers.store(helpers, std::memory_order_relaxed);
    desk.context = loop.context;
    desk.body = loop.body;
    desk.next.store(0, std::memory_order_relaxed);
    desk.left.store(0, std::memory_order_relaxed);
    const uint64_t owned = (desk.state.load(std::memory_order_relaxed) & ~kJoined) + kNextLoop;
    desk.state.store(owned | kOpen, std::memory_order_release);
    open.fetch_add(1, std::memory_order_seq_cst);
    call_helpers(helpers);
    desk.work(0);
    open.fetch_sub(1, std::memory_order_relaxed);
    const int joined = int(desk.state.fetch_and(~kOpen, std::memory_order_acq_rel) & kJoined);
    for (int looks = 0; desk.left.load(std::memory_order_acquire) < joined; looks++) {
      if (looks < kJoinLooks)
        pause();
      else
        std::this_thread::yield();
    }
    desk.state.store((desk.state.load(std::memory_order_relaxed) & ~(kOwned | kJoined)),
                     std::memory_order_release);
  }
};

ThreadPool& ThreadPool::instance() {
  static const bool watches_fork = [] {
    // The child has none of the threads; what they held is left alone and a new pool takes over.
    pthread_atfork(nullptr, nullptr, [] {
      process_pool.store(nullptr);
      inside_loop = false;
    });
    return true;
  }();
  (void)watches_fork;
  ThreadPool* pool = process_pool.load(std::memory_order_acquire);
  if (pool)
    return *pool;
  auto* fresh = new ThreadPool(usable_cores());
  if (process_pool.compare_exchange_strong(pool, fresh))
    return *fresh;
  delete fresh;
  return *pool;
}

ThreadPool::ThreadPool(int cores) : cores_(std::max(1, cores)), state_(std::make_unique<State>()) {
  state_->cores = cores_;
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->stop = true;
  }
  state_->wake.notify_all();
  for (std::thread& thread : state_->threads)
    thread.join();
}

void ThreadPool::run(const Loop& loop) {
  const int helpers = inside_loop ? 0 : std::min({loop.threads, loop.count, cores_}) - 1;
  State& state = *state_;
  if (helpers > 0) {
    if (state.started.load(std::memory_order_acquire) < helpers)
      state.start(helpers);
    if (Desk* desk = state.own_desk()) {
      state.working.fetch_add(1, std::memory_order_acq_rel);
      state.share(*desk, loop, helpers);
      state.working.fetch_sub(1, std::memory_order_acq_rel);
      return;
    }
  }
  const bool nested = inside_loop;
  if (!nested)
    state.working.fetch_add(1, std::memory_order_acq_rel);
  for (int i = 0; i < loop.count; i++)
    loop.body(loop.context, i, 0);
  if (!nested)
    state.working.fetch_sub(1, std::memory_order_acq_rel);
}

} // namespace fomo
