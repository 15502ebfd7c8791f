// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "gst/settings.h"

namespace fomo {

/// A loaded and encoded picture.
struct LoadedSource {
  SourceHandle source;
  FomoSourceInfo info{};
  SourceRequest request;
  double load_ms = 0;     ///< milliseconds that decoding and encoding took
  SourceHandle presented; ///< `source` prepared for `presentation`; null: not prepared
  FomoPresentation presentation{};
};

/// Decodes and encodes a picture synchronously. Throws Error.
LoadedSource load_source(const Engine& engine, const ModelHandle& model,
                         const SourceRequest& request);

/// Decodes a picture and detects its pose synchronously. Throws Error.
PoseHandle load_pose(const Engine& engine, const ModelHandle& model, const SourceRequest& request);

/// Loads pictures on a separate thread while frames show the old picture. The thread starts with
/// the first request and ends with the object, but for a read that does not return. Thread-safe.
class SourceLoader {
 public:
  /// Is called without locks held when a picture cannot be loaded: on the loader's thread, or on
  /// that of request() if there can be no loader's thread.
  using Failed = std::function<void(const Error&)>;

  /// Does not start the thread yet.
  SourceLoader(const Engine& engine, ModelHandle model, Failed failed);
  /// Waits for the load in progress, if any, but not for a file (FileWatch::abandon()). A file
  /// system that hangs then keeps the thread, the model and the picture, and nothing else. They are
  /// freed when it answers.
  ~SourceLoader();
  SourceLoader(const SourceLoader&) = delete;
  SourceLoader& operator=(const SourceLoader&) = delete;

  /// Requests a picture to animate. A waiting request is replaced; a load in progress is finished
  /// first. A request with a lower version than an earlier one is ignored, because setters on two
  /// threads may call this in either order.
  void request(const SourceRequest& request);
  /// Requests a picture whose pose becomes the neutral pose. Works like request().
  void request_pose(const SourceRequest& request);

  /// Sets the presentation for which the loader's thread prepares loaded pictures.
  void expect_presentation(const FomoPresentation& presentation);

  /// Returns the newest picture that was loaded since the last call, or null. Never waits.
  std::unique_ptr<LoadedSource> take();
  /// Returns the newest pose that was loaded since the last call, or null. Never waits.
  PoseHandle take_pose();

 private:
  struct Work;
  struct Queue;

  void enqueue(Queue& queue, const SourceRequest& request);

  std::shared_ptr<Work> work_; // the thread's too
  std::thread thread_;         // guarded by the lock of `work_`
};

} // namespace fomo
