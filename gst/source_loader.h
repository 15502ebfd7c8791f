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
  SourceHandle shown; ///< the same prepared for `view`; null: not prepared
  FomoView view{};
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

  /// Asks for a picture to animate. A request that waits is replaced; one in work is finished
  /// first.
  void request(const SourceRequest& request);
  /// Asks for a picture whose pose is to be the neutral one.
  void request_pose(const SourceRequest& request);

  /// Pictures to come will be shown like this; preparing them for it takes long as well.
  void expect_view(const FomoView& view);

  /// The newest picture that became ready since the last call. Never waits for loading.
  std::unique_ptr<LoadedSource> take();
  /// Likewise the newest pose, or null.
  PoseHandle take_pose();

 private:
  void ask(std::optional<SourceRequest>& slot, const SourceRequest& request);
  void work();
  void load(const std::optional<SourceRequest>& source, const std::optional<SourceRequest>& pose);

  const Engine& engine_;
  const ModelHandle model_;
  const Failed failed_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::optional<SourceRequest> waiting_, waiting_pose_;
  FomoView view_{}; // of no width: as the model paints it
  std::unique_ptr<LoadedSource> ready_;
  PoseHandle ready_pose_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace fomo
