// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/timed_read.h"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "common/file_wait.h"

namespace fomo {
namespace {

/// What the caller and the thread share.
struct Work {
  std::function<void(const Answered&)> job;
  std::mutex lock;
  std::condition_variable changed;
  uint64_t answers = 0;
  bool done = false;
  std::exception_ptr problem; // of the job
};

void run(Work& work) {
  std::exception_ptr problem;
  try {
    work.job([&work] {
      const std::lock_guard<std::mutex> guard(work.lock);
      ++work.answers;
      work.changed.notify_all();
    });
  } catch (...) {
    problem = std::current_exception();
  }
  const std::lock_guard<std::mutex> guard(work.lock);
  work.problem = std::move(problem);
  work.done = true;
  work.changed.notify_all();
}

} // namespace

std::string FileTimeout::reason() const {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout).count();
  return "its file system has not answered for " + std::to_string(seconds) +
         (seconds == 1 ? " second" : " seconds");
}

const char* FileTimeout::remedy() {
  return " Check the network drive or the disk, or copy the file to a local disk.";
}

void run_timed(std::function<void(const Answered&)> job, std::chrono::milliseconds timeout) {
  const auto work = std::make_shared<Work>();
  work->job = std::move(job);
  FileWait wait;
  std::thread thread;
  try {
    thread = std::thread([work] { run(*work); });
  } catch (const std::system_error&) {
    work->job([] {});
    return wait.end();
  }
  std::unique_lock<std::mutex> guard(work->lock);
  for (uint64_t seen = 0; !work->done; seen = work->answers) {
    const auto moved = [&] { return work->done || work->answers != seen; };
    if (!work->changed.wait_for(guard, timeout, moved)) {
      thread.detach();
      throw FileTimeout{timeout};
    }
  }
  guard.unlock();
  thread.join();
  if (work->problem)
    std::rethrow_exception(work->problem);
  wait.end();
}

} // namespace fomo
