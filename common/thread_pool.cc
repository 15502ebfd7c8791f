// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

#include "common/log.h"

namespace fomo {

namespace {

constexpr int kJobSlots = 64;
/// How often an idle helper polls all job slots before it sleeps: some tens of microseconds.
constexpr int kIdlePolls = 400;
/// How often a caller polls for the end of its helpers before it yields its core to them.
constexpr int kJoinPolls = 4000;

// The bits of JobSlot::state: the number of helpers that have joined (low 16 bits), whether more
// may join, whether a caller owns the slot, and a counter of the slot's loops.
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

/// A loop that a caller offers to helpers.
struct alignas(64) JobSlot {
  std::atomic<uint64_t> state{0};
  std::atomic<int> next{0};
  std::atomic<int> left{0}; ///< helpers that have joined and finished
  // A helper reads these before it has joined, when the slot may already hold a later loop.
  std::atomic<int> count{0};
  std::atomic<int> helpers{0};
  void* context = nullptr;
  void (*body)(void*, int, int) = nullptr;

  void work(int worker) {
    inside_loop = true;
    const int end = count.load(std::memory_order_relaxed);
    for (int i; (i = next.fetch_add(1, std::memory_order_relaxed)) < end;)
      body(context, i, worker);
    inside_loop = false;
  }

  /// Joins the loop if it is open, and works until no index is left. Returns whether it joined.
  bool help() {
    uint64_t now = state.load(std::memory_order_acquire);
    do {
      // If `helpers` or `next` belong to a later loop than `now`, the exchange fails.
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
  std::array<JobSlot, kJobSlots> slots;
  std::atomic<int> working{0}; ///< threads that work on loops
  std::atomic<int> open{0};    ///< loops that helpers may join
  std::atomic<int> asleep{0};
  std::atomic<int> started{0};
  std::atomic<bool> stop{false};
  /// Protects sleeping, `threads` and `next_start`. Loops take it only to wake or to start helpers.
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::thread> threads;
  std::chrono::steady_clock::time_point next_start{}; ///< the next try, after one that failed
  int cores = 1;

  bool core_free() const { return working.load(std::memory_order_acquire) < cores; }

  bool help_one() {
    if (!core_free())
      return false;
    for (JobSlot& slot : slots) {
      if (!(slot.state.load(std::memory_order_relaxed) & kOpen))
        continue;
      if (working.fetch_add(1, std::memory_order_acq_rel) >= cores) {
        working.fetch_sub(1, std::memory_order_acq_rel);
        return false;
      }
      const bool helped = slot.help();
      working.fetch_sub(1, std::memory_order_acq_rel);
      if (helped)
        return true;
    }
    return false;
  }

  void helper() {
    int polls = 0;
    while (!stop.load(std::memory_order_relaxed)) {
      if (open.load(std::memory_order_acquire) > 0 && help_one()) {
        polls = 0;
      } else if (++polls < kIdlePolls) {
        for (int i = 0; i < 4; i++)
          pause();
      } else {
        sleep();
        polls = 0;
      }
    }
  }

  /// Sleeps until call_helpers() wakes this thread. Sleeps as well while a loop is open but all
  /// cores are busy.
  void sleep() {
    std::unique_lock<std::mutex> lock(mutex);
    asleep.fetch_add(1, std::memory_order_seq_cst);
    if (!stop && (open.load(std::memory_order_seq_cst) == 0 || !core_free()))
      wake.wait(lock);
    asleep.fetch_sub(1, std::memory_order_seq_cst);
  }

  /// Starts helpers, up to `wanted`. When the system has no thread left, loops run on those that
  /// there are, and the next try is at least a second later.
  void start(int wanted) {
    using Clock = std::chrono::steady_clock;
    std::lock_guard<std::mutex> lock(mutex);
    if (Clock::now() < next_start)
      return;
    try {
      while (int(threads.size()) < wanted)
        threads.emplace_back([this] { helper(); });
    } catch (const std::system_error& error) {
      next_start = Clock::now() + std::chrono::seconds(1);
      log(LogLevel::warning, "No thread can be started (" + error.code().message() +
                                 "): frames take longer. Close other programs, or raise the limit "
                                 "of threads (ulimit -u).");
    }
    started.store(int(threads.size()), std::memory_order_release);
  }

  void call_helpers(int wanted) {
    if (asleep.load(std::memory_order_seq_cst) == 0 || !core_free())
      return;
    std::lock_guard<std::mutex> lock(mutex);
    for (int i = 0; i < wanted; i++)
      wake.notify_one();
  }

  /// Takes a free job slot; null if all are in use.
  JobSlot* take_slot() {
    static std::atomic<unsigned> callers{0};
    static thread_local const unsigned first = callers.fetch_add(1);
    for (int i = 0; i < kJobSlots; i++) {
      JobSlot& slot = slots[(first + i) % kJobSlots];
      uint64_t now = slot.state.load(std::memory_order_relaxed);
      if (!(now & kOwned) &&
          slot.state.compare_exchange_strong(now, now | kOwned, std::memory_order_acquire))
        return &slot;
    }
    return nullptr;
  }

  void share(JobSlot& slot, const Loop& loop, int helpers) {
    slot.count.store(loop.count, std::memory_order_relaxed);
    slot.helpers.store(helpers, std::memory_order_relaxed);
    slot.context = loop.context;
    slot.body = loop.body;
    slot.next.store(0, std::memory_order_relaxed);
    slot.left.store(0, std::memory_order_relaxed);
    const uint64_t owned = (slot.state.load(std::memory_order_relaxed) & ~kJoined) + kNextLoop;
    slot.state.store(owned | kOpen, std::memory_order_release);
    open.fetch_add(1, std::memory_order_seq_cst);
    call_helpers(helpers);
    slot.work(0);
    open.fetch_sub(1, std::memory_order_relaxed);
    const int joined = int(slot.state.fetch_and(~kOpen, std::memory_order_acq_rel) & kJoined);
    for (int polls = 0; slot.left.load(std::memory_order_acquire) < joined; polls++) {
      if (polls < kJoinPolls)
        pause();
      else
        std::this_thread::yield();
    }
    slot.state.store((slot.state.load(std::memory_order_relaxed) & ~(kOwned | kJoined)),
                     std::memory_order_release);
  }
};

ThreadPool& ThreadPool::instance() {
  static const bool watches_fork = [] {
    // The child of fork() has none of the threads. It leaves the old pool alone and makes a new
    // one.
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
    if (JobSlot* slot = state.take_slot()) {
      state.working.fetch_add(1, std::memory_order_acq_rel);
      state.share(*slot, loop, helpers);
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
