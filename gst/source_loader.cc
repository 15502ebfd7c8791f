// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/source_loader.h"

#include <utility>

#include "common/stopwatch.h"

namespace fomo {

LoadedSource load_source(const Engine& engine, const ModelHandle& model,
                         const SourceRequest& request) {
  const Stopwatch watch;
  const PictureHandle picture = load_picture(engine, request.origin);
  SourceHandle source = engine.encode_source(model, *picture, request.framing);
  const FomoSourceInfo info = engine.describe(*source);
  return {std::move(source), info, request, watch.ms(), nullptr, {}};
}

PoseHandle load_pose(const Engine& engine, const ModelHandle& model, const SourceRequest& request) {
  return engine.detect_pose(model, *load_picture(engine, request.origin), request.framing);
}

SourceLoader::SourceLoader(const Engine& engine, ModelHandle model, Failed failed)
    : engine_(engine), model_(std::move(model)), failed_(std::move(failed)) {}

SourceLoader::~SourceLoader() {
  {
    const std::lock_guard<std::mutex> guard(lock_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable())
    thread_.join();
}

void SourceLoader::enqueue(Queue& queue, const SourceRequest& request) {
  {
    const std::lock_guard<std::mutex> guard(lock_);
    if (request.version < queue.version)
      return;
    queue.version = request.version;
    queue.waiting = request;
    if (!thread_.joinable())
      thread_ = std::thread(&SourceLoader::work, this);
  }
  changed_.notify_all();
}

void SourceLoader::request(const SourceRequest& request) { enqueue(pictures_, request); }

void SourceLoader::request_pose(const SourceRequest& request) { enqueue(poses_, request); }

void SourceLoader::expect_presentation(const FomoPresentation& presentation) {
  const std::lock_guard<std::mutex> guard(lock_);
  presentation_ = presentation;
}

std::unique_ptr<LoadedSource> SourceLoader::take() {
  const std::lock_guard<std::mutex> guard(lock_);
  return std::move(ready_);
}

PoseHandle SourceLoader::take_pose() {
  const std::lock_guard<std::mutex> guard(lock_);
  return std::exchange(ready_pose_, nullptr);
}

void SourceLoader::work() {
  std::unique_lock<std::mutex> guard(lock_);
  while (true) {
    changed_.wait(guard, [this] { return ending_ || pictures_.waiting || poses_.waiting; });
    if (ending_)
      return;
    const auto source = std::exchange(pictures_.waiting, std::nullopt);
    const auto pose = std::exchange(poses_.waiting, std::nullopt);
    guard.unlock();
    load(source, pose);
    guard.lock();
  }
}

void SourceLoader::load(const std::optional<SourceRequest>& source,
                        const std::optional<SourceRequest>& pose) {
  const auto report_errors_of = [this](const auto& body) {
    try {
      body();
    } catch (const Error& error) {
      failed_(error);
    } catch (const std::exception& error) {
      failed_(Error(FOMO_FAILED, std::string("The picture cannot be loaded: ") + error.what()));
    }
  };
  // `loaded` receives the unused object that it replaces, and frees it after the lock is released.
  if (source)
    report_errors_of([&] {
      auto loaded = std::make_unique<LoadedSource>(load_source(engine_, model_, *source));
      {
        const std::lock_guard<std::mutex> guard(lock_);
        loaded->presentation = presentation_;
      }
      if (loaded->presentation.width > 0 &&
          (loaded->presentation.whole_picture || loaded->info.faces == 1))
        loaded->presented = engine_.present(loaded->source, loaded->presentation);
      const std::lock_guard<std::mutex> guard(lock_);
      ready_.swap(loaded);
    });
  if (pose)
    report_errors_of([&] {
      PoseHandle loaded = load_pose(engine_, model_, *pose);
      const std::lock_guard<std::mutex> guard(lock_);
      ready_pose_.swap(loaded);
    });
}

} // namespace fomo
