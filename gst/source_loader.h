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

/// A picture made ready for driving frames.
struct LoadedSource {
  SourceHandle source;
  FomoSourceInfo info{};
  SourceRequest request;
  double load_ms = 0;
  SourceHandle presented; ///< the same prepared for `presentation`; null: not prepared
  FomoPresentation presentation{};
};

/// Decodes and encodes a picture, here and now. Throws Error.
LoadedSource load_source(const Engine& engine, const ModelHandle& model,
                         const SourceRequest& request);

/// Decodes a picture and detects its pose, here and now. Throws Error.
PoseHandle load_pose(const Engine& engine, const ModelHandle& model, const SourceRequest& request);

/// Loads pictures on a thread of its own while frames go on with the old one. The thread starts
/// with the first request and ends with the object. Thread-safe.
class SourceLoader {
 public:
  /// Called on the loader's thread, without locks held, when a picture is no good.
  using Failed = std::function<void(const Error&)>;

  SourceLoader(const Engine& engine, ModelHandle model, Failed failed);
  /// Waits for the picture in work, if any.
  ~SourceLoader();
  SourceLoader(const SourceLoader&) = delete;
  SourceLoader& operator=(const SourceLoader&) = delete;

  /// Asks for a picture to animate. A waiting request is replaced; one in work is finished first. A
  /// request with a lower version than an earlier one is dropped: setters of two threads may arrive
  /// in either order.
  void request(const SourceRequest& request);
  /// Asks for a picture whose pose is to be the neutral one, likewise.
  void request_pose(const SourceRequest& request);

  /// Tells what frames show, so that pictures are prepared for that on the loader's thread.
  void expect_presentation(const FomoPresentation& presentation);

  /// The newest picture that became ready since the last call. Never waits for loading.
  std::unique_ptr<LoadedSource> take();
  /// Likewise the newest pose, or null.
  PoseHandle take_pose();

 private:
  /// Requests of one kind.
  struct Queue {
    std::optional<SourceRequest> waiting;
    guint version = 0; // of the newest request
  };

  void ask(Queue& queue, const SourceRequest& request);
  void work();
  void load(const std::optional<SourceRequest>& source, const std::optional<SourceRequest>& pose);

  const Engine& engine_;
  const ModelHandle model_;
  const Failed failed_;
  std::mutex lock_;
  std::condition_variable changed_;
  Queue pictures_, poses_;
  FomoPresentation presentation_{}; // of no width: as the model generates it
  std::unique_ptr<LoadedSource> ready_;
  PoseHandle ready_pose_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace fomo
