// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAStream.h>

namespace fomo {

/// While one thread records, no other of this process may be at work on a GPU: an allocation, or an
/// algorithm that cuDNN tries out, would spoil the recording.
class QuietTime {
 public:
  /// A call that works on a GPU. Waits while somebody records, or is about to.
  class Busy {
   public:
    Busy() { enter(); }
    ~Busy() { state().gate.unlock_shared(); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

    /// Runs `work` when all other calls have ended and before any other begins.
    void alone(const std::function<void()>& work) {
      state().gate.unlock_shared();
      try {
        const std::lock_guard turn(state().turn);
        const std::lock_guard gate(state().gate);
        work();
      } catch (...) {
        enter();
        throw;
      }
      enter();
    }

   private:
    static void enter() {
      const std::lock_guard turn(state().turn); // or many streams would never let a recorder in
      state().gate.lock_shared();
    }
  };

 private:
  struct State {
    std::mutex turn;
    std::shared_mutex gate;
  };
  static State& state() {
    static State the_only_one;
    return the_only_one;
  }
};

/// Work that is recorded once, after warm-up frames in which cuDNN chooses its algorithms, then
/// replayed.
class Recorded {
 public:
  /// `stream` is the current one and not the default one; `work` enqueues to it alone. After every
  /// call the tensors that `work` assigns are those with its results, once the stream is done.
  void run(QuietTime::Busy& busy, const c10::cuda::CUDAStream& stream,
           const std::function<void()>& work) {
    if (!recorded_ && !is_warm()) {
      work();
      return;
    }
    if (!recorded_) {
      stream.synchronize();
      busy.alone([&] {
        graph_.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
        work();
        graph_.capture_end();
      });
      recorded_ = true;
    }
    graph_.replay(); // recording alone has run nothing
  }

 private:
  static constexpr int kWarmUps = 3;

  // Each thread has choices of cuDNN's of its own.
  bool is_warm() {
    if (thread_ != std::this_thread::get_id()) {
      thread_ = std::this_thread::get_id();
      warm_ups_ = 0;
    }
    return warm_ups_++ >= kWarmUps;
  }

  at::cuda::CUDAGraph graph_;
  std::thread::id thread_;
  int warm_ups_ = 0;
  bool recorded_ = false;
};

} // namespace fomo
