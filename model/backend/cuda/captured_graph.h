// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <exception>
#include <functional>
#include <mutex>
#include <shared_mutex>

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAStream.h>

#include "model/backend/cuda/recording.h"

namespace fomo {

/// A reader/writer lock of the process for CUDA graph capture. Every call that uses a GPU holds the
/// lock shared; a capture holds it exclusively, because an allocation or a cuDNN algorithm search
/// of another thread would invalidate the capture.
class CaptureLock {
 public:
  /// Holds the lock shared during one call. Waits while a capture runs or waits to run.
  class Shared {
   public:
    Shared() { lock_shared(); }
    ~Shared() { mutexes().calls.unlock_shared(); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    /// Runs `work` with the lock held exclusively: after all running calls, before all waiting
    /// calls. The lock is held shared again on return and on an exception.
    void run_exclusive(const std::function<void()>& work) {
      mutexes().calls.unlock_shared();
      try {
        const std::lock_guard entry(mutexes().entry);
        const std::lock_guard calls(mutexes().calls);
        work();
      } catch (...) {
        lock_shared();
        throw;
      }
      lock_shared();
    }

   private:
    static void lock_shared() {
      // A waiting capture holds `entry`, so that new calls cannot starve it.
      const std::lock_guard entry(mutexes().entry);
      mutexes().calls.lock_shared();
    }
  };

 private:
  struct Mutexes {
    std::mutex entry;
    std::shared_mutex calls;
  };
  static Mutexes& mutexes() {
    static Mutexes process_wide;
    return process_wide;
  }
};

/// Work that is captured as a CUDA graph once, after warm-up calls, and replayed from then on (see
/// Recording).
class CapturedGraph {
 public:
  /// Runs `work`, or replays its capture. `stream` must be the current stream and not the default
  /// stream; `work` must enqueue to `stream` alone. When the stream has finished, the tensors that
  /// `work` assigned hold the results.
  void run(CaptureLock::Shared& lock, const c10::cuda::CUDAStream& stream,
           const std::function<void()>& work) {
    recording_.run(
        work,
        [&] {
          stream.synchronize();
          lock.run_exclusive([&] { capture(work); });
        },
        [&] { graph_.replay(); });
  }

 private:
  void capture(const std::function<void()>& work) {
    try {
      graph_.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
      work();
      graph_.capture_end();
    } catch (...) {
      end_failed_capture();
      throw;
    }
  }

  /// The stream leaves the capture, and the runtime forgets the error, so that the next work runs.
  void end_failed_capture() {
    try {
      graph_.capture_end();
    } catch (const std::exception&) { // the capture is invalid: that is known
    }
    (void)cudaGetLastError();
  }

  at::cuda::CUDAGraph graph_;
  Recording recording_;
};

} // namespace fomo
