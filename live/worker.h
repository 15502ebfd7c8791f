// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace fomo::live {

/// One thread that does one piece of work after the other: what would hold up the main loop, and
/// what takes so much memory that only one may run at a time.
class Worker {
 public:
  Worker() : thread_([this] { run(); }) {}
  /// Waits for the work in progress; what has not begun is forgotten.
  ~Worker() {
    {
      const std::lock_guard<std::mutex> guard(lock_);
      over_ = true;
      work_.clear();
    }
    changed_.notify_all();
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void add(std::function<void()> work) {
    {
      const std::lock_guard<std::mutex> guard(lock_);
      work_.push_back(std::move(work));
    }
    changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock<std::mutex> guard(lock_);
    while (true) {
      changed_.wait(guard, [this] { return over_ || !work_.empty(); });
      if (over_)
        return;
      const std::function<void()> work = std::move(work_.front());
      work_.pop_front();
      guard.unlock();
      work();
      guard.lock();
    }
  }

  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace fomo::live
