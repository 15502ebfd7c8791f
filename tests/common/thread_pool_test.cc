// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

namespace fomo {
namespace {

TEST(ThreadPool, CallsEachIndexOnce) {
  ThreadPool pool(4);
  for (const int threads : {1, 2, 4, 9})
    for (const int count : {0, 1, 2, 3, 64, 1000}) {
      std::vector<std::atomic<int>> calls(count);
      pool.parallel_for(count, threads, [&](int i, int) { calls[i]++; });
      for (int i = 0; i < count; i++)
        ASSERT_EQ(calls[i], 1) << i << " of " << count << ", " << threads;
    }
}

TEST(ThreadPool, NoSlotIsUsedTwiceAtOnce) {
  ThreadPool pool(4);
  constexpr int threads = 3;
  std::atomic<int> inside[threads] = {};
  std::atomic<bool> shared{false};
  for (int round = 0; round < 200; round++)
    pool.parallel_for(50, threads, [&](int, int slot) {
      ASSERT_TRUE(slot >= 0 && slot < threads);
      if (inside[slot].fetch_add(1) != 0)
        shared = true;
      inside[slot].fetch_sub(1);
    });
  EXPECT_FALSE(shared);
}

// What a thread wrote in one loop, it finds in its cache in the next one.
TEST(ThreadPool, EachThreadBeginsWithARangeOfItsOwn) {
  ThreadPool pool(2);
  std::mutex mutex;
  std::condition_variable both;
  std::vector<int> begun; // the first index of each thread
  std::set<std::thread::id> seen;
  pool.parallel_for(100, 2, [&](int i, int) {
    std::unique_lock<std::mutex> lock(mutex);
    if (!seen.insert(std::this_thread::get_id()).second)
      return;
    begun.push_back(i);
    both.notify_all();
    both.wait(lock, [&] { return begun.size() == 2; });
  });
  std::sort(begun.begin(), begun.end());
  EXPECT_EQ(begun, (std::vector<int>{0, 50}));
}

TEST(ThreadPool, ServesManyCallersAtOnce) {
  ThreadPool pool(3);
  std::atomic<int> wrong{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 6; c++)
    callers.emplace_back([&, c] {
      for (int round = 0; round < 300; round++) {
        std::vector<int> values(40);
        pool.parallel_for(40, 3, [&](int i, int) { values[i] = i + c; });
        if (std::accumulate(values.begin(), values.end(), 0) != 780 + 40 * c)
          wrong++;
      }
    });
  for (std::thread& caller : callers)
    caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, RunsALoopInsideALoop) {
  ThreadPool pool(4);
  std::atomic<int> calls{0};
  pool.parallel_for(8, 4, [&](int, int) { pool.parallel_for(5, 4, [&](int, int) { calls++; }); });
  EXPECT_EQ(calls, 40);
}

TEST(ThreadPool, WorksInAChildProcess) {
  std::atomic<int> calls{0};
  ThreadPool::instance().parallel_for(10, 2, [&](int, int) { calls++; });
  const pid_t child = fork();
  if (child == 0) {
    std::atomic<int> in_child{0};
    ThreadPool::instance().parallel_for(100, 2, [&](int, int) { in_child++; });
    _exit(in_child == 100 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(calls, 10);
}

} // namespace
} // namespace fomo
