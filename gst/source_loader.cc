// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/source_loader.h"

#include <utility>

#include "gst/clock.h"

namespace fomo {

LoadedSource load_source(const Engine& engine, const ModelHandle& model,
                         const PictureOrigin& origin, FomoCrop crop) {
  const Stopwatch watch;
  const PictureHandle picture = load_picture(engine, origin);
  SourceHandle source = engine.encode_source(model, *picture, crop);
  return {std::move(source), origin, crop, watch.ms()};
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

void SourceLoader::request(const PictureOrigin& origin, FomoCrop crop) {
  {
    const std::lock_guard<std::mutex> guard(lock_);
    waiting_ = Request{origin, crop};
    if (!thread_.joinable())
      thread_ = std::thread(&SourceLoader::work, this);
  }
  changed_.notify_all();
}

std::unique_ptr<LoadedSource> SourceLoader::take() {
  const std::lock_guard<std::mutex> guard(lock_);
  return std::move(ready_);
}

void SourceLoader::work() {
  std::unique_lock<std::mutex> guard(lock_);
  while (true) {
    changed_.wait(guard, [this] { return ending_ || waiting_; });
    if (ending_)
      return;
    const Request request = *std::exchange(waiting_, std::nullopt);
    guard.unlock();
    std::unique_ptr<LoadedSource> loaded;
    try {
      loaded = std::make_unique<LoadedSource>(
          load_source(engine_, model_, request.origin, request.crop));
    } catch (const Error& error) {
      failed_(error);
    } catch (const std::exception& error) {
      failed_(Error(FOMO_FAILED, std::string("The picture cannot be loaded: ") + error.what()));
    }
    guard.lock();
    if (loaded)
      ready_.swap(loaded);
    // A picture that was never used is freed without the lock.
    guard.unlock();
    loaded.reset();
    guard.lock();
  }
}

} // namespace fomo
