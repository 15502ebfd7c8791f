// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "gst/source_picture.h"

namespace fomo {

/// A picture made ready for driving frames.
struct LoadedSource {
  SourceHandle source;
  PictureOrigin origin;
  FomoCrop crop; // the picture's, and hence the driving frames' as well
  double load_ms;
};

/// Decodes and encodes a picture, here and now. Throws Error.
LoadedSource load_source(const Engine& engine, const ModelHandle& model,
                         const PictureOrigin& origin, FomoCrop crop);

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

  /// Asks for a picture. A request that waits is replaced; one in work is finished first.
  void request(const PictureOrigin& origin, FomoCrop crop);

  /// The newest picture that became ready since the last call. Never waits for loading.
  std::unique_ptr<LoadedSource> take();

 private:
  struct Request {
    PictureOrigin origin;
    FomoCrop crop;
  };

  void work();

  const Engine& engine_;
  const ModelHandle model_;
  const Failed failed_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::optional<Request> waiting_;
  std::unique_ptr<LoadedSource> ready_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace fomo
