// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/fit/loader.h"

namespace fomo::train {

Loader::Loader(const Stage& stage, uint64_t seed, int64_t first, int threads)
    : stage_(stage), seed_(seed), ahead_(2 * threads), begun_(first), next_(first) {
  for (int i = 0; i < threads; i++)
    threads_.emplace_back([this] { work(); });
}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  taken_.notify_all();
  for (std::thread& thread : threads_)
    thread.join();
}

Drawn Loader::next() {
  if (threads_.empty())
    return draw(stage_, seed_, next_++);
  std::unique_lock lock(mutex_);
  drawn_.wait(lock, [this] { return failure_ || waiting_.count(next_) > 0; });
  if (failure_)
    std::rethrow_exception(failure_);
  Drawn result = std::move(waiting_.extract(next_).mapped());
  next_++;
  taken_.notify_all();
  return result;
}

void Loader::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    taken_.wait(lock, [this] { return stop_ || failure_ || begun_ < next_ + ahead_; });
    if (stop_ || failure_)
      return;
    const int64_t step = begun_++;
    lock.unlock();
    try {
      Drawn result = draw(stage_, seed_, step);
      lock.lock();
      waiting_.emplace(step, std::move(result));
    } catch (...) {
      if (!lock.owns_lock())
        lock.lock();
      failure_ = std::current_exception();
    }
    drawn_.notify_all();
  }
}

} // namespace fomo::train
