// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/source_loader.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "common/stopwatch.h"
#include "gst/file_watch.h"

namespace fomo {

namespace {

LoadedSource encode(const Engine& engine, const ModelHandle& model, const SourceRequest& request,
                    const PictureHandle& picture, const Stopwatch& watch) {
  SourceHandle source = engine.encode_source(model, *picture, request.framing);
  const FomoSourceInfo info = engine.describe(*source);
  return {std::move(source), info, request, watch.ms(), nullptr, {}};
}

std::string name_of(const PictureOrigin& origin) {
  return origin.sample ? "source-sample" : "'" + origin.location + "'";
}

} // namespace

LoadedSource load_source(const Engine& engine, const ModelHandle& model,
                         const SourceRequest& request) {
  const Stopwatch watch;
  return encode(engine, model, request, load_picture(engine, request.origin), watch);
}

PoseHandle load_pose(const Engine& engine, const ModelHandle& model, const SourceRequest& request) {
  return engine.detect_pose(model, *load_picture(engine, request.origin), request.framing);
}

/// The waiting request of one kind.
struct SourceLoader::Queue {
  std::optional<SourceRequest> waiting;
  guint version = 0; // the version of the newest request
};

/// What the loader and its thread share. The thread has a reference of its own, because it may be
/// left behind in a read. It then touches nothing but this and the engine.
struct SourceLoader::Work {
  Work(const Engine& used_engine, ModelHandle used_model, Failed on_failure)
      : engine(used_engine), model(std::move(used_model)), failed(std::move(on_failure)) {}

  void run();
  void load_source(const SourceRequest& request);
  void load_pose(const SourceRequest& request);
  template<typename Body>
  void report_errors_of(Body body);

  const Engine& engine;
  const ModelHandle model;
  const Failed failed;
  std::mutex lock;
  std::condition_variable changed;
  Queue pictures, poses;
  FomoPresentation presentation{};     // width 0: pictures need no preparation
  std::unique_ptr<LoadedSource> ready; // loaded and not taken yet
  PoseHandle ready_pose;               // loaded and not taken yet
  bool ending = false;
  FileWatch watch;
};

SourceLoader::SourceLoader(const Engine& engine, ModelHandle model, Failed failed)
    : work_(std::make_shared<Work>(engine, std::move(model), std::move(failed))) {}

SourceLoader::~SourceLoader() {
  {
    const std::lock_guard<std::mutex> guard(work_->lock);
    work_->ending = true;
    work_->changed.notify_all();
  }
  if (!thread_.joinable())
    return;
  if (work_->watch.abandon())
    thread_.detach();
  else
    thread_.join();
}

void SourceLoader::enqueue(Queue& queue, const SourceRequest& request) {
  std::string reason;
  {
    const std::lock_guard<std::mutex> guard(work_->lock);
    if (request.version < queue.version)
      return;
    queue.version = request.version;
    queue.waiting = request;
    if (!thread_.joinable()) {
      try {
        thread_ = std::thread([work = work_] { work->run(); });
      } catch (const std::system_error& error) {
        queue.waiting.reset();
        reason = error.code().message();
      }
    }
  }
  if (!reason.empty())
    work_->failed(Error(FOMO_NO_MEMORY,
                        "The picture " + name_of(request.origin) +
                            " cannot be loaded: no thread can be started (" + reason +
                            "). Close other programs, or raise the limit of threads (ulimit -u)."));
  work_->changed.notify_all();
}

void SourceLoader::request(const SourceRequest& request) { enqueue(work_->pictures, request); }

void SourceLoader::request_pose(const SourceRequest& request) { enqueue(work_->poses, request); }

void SourceLoader::expect_presentation(const FomoPresentation& presentation) {
  const std::lock_guard<std::mutex> guard(work_->lock);
  work_->presentation = presentation;
}

std::unique_ptr<LoadedSource> SourceLoader::take() {
  const std::lock_guard<std::mutex> guard(work_->lock);
  return std::move(work_->ready);
}

PoseHandle SourceLoader::take_pose() {
  const std::lock_guard<std::mutex> guard(work_->lock);
  return std::exchange(work_->ready_pose, nullptr);
}

void SourceLoader::Work::run() {
  watch.watch_this_thread(engine);
  while (true) {
    std::unique_lock<std::mutex> guard(lock);
    changed.wait(guard, [this] { return ending || pictures.waiting || poses.waiting; });
    if (ending)
      return;
    const auto source = std::exchange(pictures.waiting, std::nullopt);
    const auto pose = std::exchange(poses.waiting, std::nullopt);
    guard.unlock();
    if (source)
      report_errors_of([&] { load_source(*source); });
    if (pose)
      report_errors_of([&] { load_pose(*pose); });
  }
}

/// `failed` is not called when the loader has ended: it may not have waited for this thread.
template<typename Body>
void SourceLoader::Work::report_errors_of(Body body) {
  try {
    body();
  } catch (const Error& error) {
    if (!watch.abandoned())
      failed(error);
  } catch (const std::exception& error) {
    if (!watch.abandoned())
      failed(Error(FOMO_FAILED, std::string("The picture cannot be loaded: ") + error.what()));
  }
}

// In both functions `loaded` receives the unused object that it replaces, and frees it after the
// lock is released.

void SourceLoader::Work::load_source(const SourceRequest& request) {
  const Stopwatch stopwatch;
  auto loaded = std::make_unique<LoadedSource>(
      encode(engine, model, request, load_picture(engine, request.origin), stopwatch));
  {
    const std::lock_guard<std::mutex> guard(lock);
    loaded->presentation = presentation;
  }
  if (loaded->presentation.width > 0 &&
      (loaded->presentation.whole_picture || loaded->info.faces == 1))
    loaded->presented = engine.present(loaded->source, loaded->presentation);
  const std::lock_guard<std::mutex> guard(lock);
  ready.swap(loaded);
}

void SourceLoader::Work::load_pose(const SourceRequest& request) {
  PoseHandle loaded =
      engine.detect_pose(model, *load_picture(engine, request.origin), request.framing);
  const std::lock_guard<std::mutex> guard(lock);
  ready_pose.swap(loaded);
}

} // namespace fomo
