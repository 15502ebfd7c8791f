// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include <gst/gst.h>

#include "gst/file_watch.h"

namespace fomo {

/// What an element needs from start to stop is opened on a thread of its own, so that neither its
/// start nor its stop waits for a file system that hangs. While everything answers, the start waits
/// and knows of errors, as usual. When a file system does not answer, the start succeeds without
/// the result, and data wait before the element's pad until there is one. An opening that is
/// destroyed leaves the thread behind with what it shares with nobody.
class OpeningThread {
 public:
  using Job = std::function<void(FileWatch& watch)>;

  /// Starts `job`. If there can be no thread, it runs here.
  OpeningThread(const Engine& engine, Job job);
  ~OpeningThread();
  OpeningThread(const OpeningThread&) = delete;
  OpeningThread& operator=(const OpeningThread&) = delete;

  /// Waits for the end. Returns false if a file system has not answered for a quarter of a second.
  bool wait_unless_hung();
  /// Waits for the end, or for give_up(). Returns whether there was an end.
  bool wait();
  /// After the end: throws what the job has thrown, if anything.
  void check() const;
  /// Blocks data and serialised events at `sink`, a pad of `element`, until the end or until the
  /// pad is deactivated. Then posts the error, if there is one.
  void hold(GstElement* element, GstPad* sink);
  /// The result is not wanted any more: wait() returns. Data go on waiting. Thread-safe.
  void give_up();

 private:
  struct Work;

  std::shared_ptr<Work> work_; // the thread's too
  std::thread thread_;
};

/// An opening with a result.
template<typename Result>
class Opening {
 public:
  using Open = std::function<std::unique_ptr<Result>(FileWatch& watch)>;

  Opening(const Engine& engine, Open open)
      : result_(std::make_shared<std::unique_ptr<Result>>()),
        thread_(engine, [open = std::move(open), result = result_](FileWatch& watch) {
          *result = open(watch);
        }) {}

  OpeningThread& thread() { return thread_; }
  /// The result, after the end. Throws what opening it has thrown.
  std::unique_ptr<Result> take() {
    thread_.check();
    return std::move(*result_);
  }

 private:
  std::shared_ptr<std::unique_ptr<Result>> result_;
  OpeningThread thread_;
};

} // namespace fomo
