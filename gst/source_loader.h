// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
/// the first request and ends with the object. Thread-safe.
class SourceLoader {
 public:
  /// Is called on the loader's thread, without locks held, when a picture cannot be loaded.
  using Failed = std::function<void(const Error&)>;

  /// Does not start the thread yet.
  SourceLoader(const Engine& engine, ModelHandle model, Failed failed);
  /// Waits for the load in progress, if any.
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
  /// The waiting request of one kind.
  struct Queue {
    std::optional<SourceRequest> waiting;
    guint version = 0; // the version of the newest request
  };

  void enqueue(Queue& queue, const SourceRequest& request);
  void work();
  void load(const std::optional<SourceRequest>& source, const std::optional<SourceRequest>& pose);

  const Engine& engine_;
  const ModelHandle model_;
  const Failed failed_;
  std::mutex lock_;
  std::condition_variable changed_;
  Queue pictures_, poses_;
  FomoPresentation presentation_{};     // width 0: pictures need no preparation
  std::unique_ptr<LoadedSource> ready_; // loaded and not taken yet
  PoseHandle ready_pose_;               // loaded and not taken yet
  bool ending_ = false;
  std::thread thread_;
};

} // namespace fomo
