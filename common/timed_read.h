// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace fomo {

/// How long a file system may leave a call unanswered. A disk that starts to spin answers earlier.
constexpr std::chrono::milliseconds kFileTimeout{10'000};

/// A file system did not answer in time.
struct FileTimeout {
  std::chrono::milliseconds timeout;

  /// "its file system has not answered for N seconds"
  std::string reason() const;
  /// What to do about it: a sentence that begins with a space.
  static const char* remedy();
};

/// By this a job tells that the file system has answered once more.
using Answered = std::function<void()>;

/// Runs `job`, which opens or reads a file, on a thread of its own, and waits for its end. Nothing
/// can interrupt a call of a file system that hangs (a network drive, FUSE). When neither
/// answered() is called nor the job ends for `timeout`, the thread is left behind with the job, and
/// FileTimeout is thrown. So the job shares nothing with its caller but what both own. The thread
/// ends when the file system answers. Rethrows what the job throws. If there can be no thread, the
/// job runs on that of the caller, without the bound. For the caller all of it is one FileWait.
void run_timed(std::function<void(const Answered& answered)> job,
               std::chrono::milliseconds timeout = kFileTimeout);

/// Runs a job with a result, as run_timed() does. A result that comes too late is destroyed.
template<typename Result>
Result read_timed(std::function<Result(const Answered& answered)> job,
                  std::chrono::milliseconds timeout = kFileTimeout) {
  const auto result = std::make_shared<std::optional<Result>>();
  run_timed(
      [result, job = std::move(job)](const Answered& answered) { result->emplace(job(answered)); },
      timeout);
  return std::move(**result);
}

} // namespace fomo
