// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/engine/engine.h"

#include <cstdio>
#include <map>
#include <mutex>
#include <tuple>

#include <sys/stat.h>

#include "common/error.h"
#include "common/stopwatch.h"
#include "model/checkpoint/checkpoint.h"
#include "model/engine/device.h"
#include "model/engine/model_path.h"

namespace fomo {

namespace {

/// What makes two engines the same: the files themselves, not their names, and how they are run.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  time_t seconds = 0;
  long nanoseconds = 0;

  explicit FileIdentity(const std::string& path) {
    struct stat status;
    if (path.empty() || stat(path.c_str(), &status) != 0)
      return;
    device = status.st_dev;
    inode = status.st_ino;
    size = status.st_size;
    seconds = status.st_mtim.tv_sec;
    nanoseconds = status.st_mtim.tv_nsec;
  }
  auto key() const { return std::make_tuple(device, inode, size, seconds, nanoseconds); }
  bool operator<(const FileIdentity& other) const { return key() < other.key(); }
};

using LoadedKey = std::tuple<FileIdentity, FileIdentity, std::string, FomoPrecision, bool>;

} // namespace

struct Engine::Loaded {
  std::string name;
  Container container = Container::legacy;
  ModelConfig config;
  Device device;
  FomoPrecision precision = FOMO_PRECISION_FP32;
  std::shared_ptr<Backend> backend;

  static std::shared_ptr<const Loaded> load(const std::string& path, const EngineOptions& options);
  static std::shared_ptr<const Loaded> load_or_share(const EngineOptions& options, bool& shared);
};

std::shared_ptr<const Engine::Loaded> Engine::Loaded::load(const std::string& path,
                                                           const EngineOptions& options) {
  const Checkpoint checkpoint = Checkpoint::open(path);
  auto loaded = std::make_shared<Loaded>();
  loaded->name = options.model == "builtin" ? "builtin" : path.substr(path.find_last_of('/') + 1);
  loaded->container = checkpoint.container();
  loaded->config = model_config(checkpoint, options.config);
  loaded->device = find_device(options.device);
  loaded->precision = choose_precision(options.precision, loaded->device);
  loaded->backend = make_backend(checkpoint, loaded->config, loaded->device, loaded->precision,
                                 options.align_corners);
  return loaded;
}

/// Concurrent openings of one model wait for the first; those of others do not wait for each other.
std::shared_ptr<const Engine::Loaded> Engine::Loaded::load_or_share(const EngineOptions& options,
                                                                    bool& shared) {
  struct Slot {
    std::mutex loading;
    std::weak_ptr<const Loaded> loaded;
  };
  static std::mutex mutex;
  static std::map<LoadedKey, std::shared_ptr<Slot>> slots;

  const std::string path = model_path(options.model);
  const LoadedKey key{FileIdentity(path), FileIdentity(options.config), options.device,
                      options.precision, options.align_corners};
  std::shared_ptr<Slot> slot;
  {
    std::lock_guard<std::mutex> lock(mutex);
    std::shared_ptr<Slot>& entry = slots[key];
    if (!entry)
      entry = std::make_shared<Slot>();
    slot = entry;
  }
  std::lock_guard<std::mutex> lock(slot->loading);
  std::shared_ptr<const Loaded> loaded = slot->loaded.lock();
  shared = loaded != nullptr;
  if (!shared) {
    loaded = load(path, options);
    slot->loaded = loaded;
  }
  return loaded;
}

std::shared_ptr<Engine> Engine::open(const EngineOptions& options) {
  const Stopwatch watch;
  auto engine = std::make_shared<Engine>();
  engine->loaded_ = Loaded::load_or_share(options, engine->shared_);
  engine->backend_ = engine->loaded_->backend;
  engine->threads_ = options.threads;
  engine->load_ms_ = watch.ms();
  return engine;
}

const ModelConfig& Engine::config() const { return loaded_->config; }

void Engine::describe(FomoModelInfo& info) const {
  info = {};
  std::snprintf(info.name, sizeof info.name, "%s", loaded_->name.c_str());
  std::snprintf(info.container, sizeof info.container, "%s", container_name(loaded_->container));
  std::snprintf(info.device, sizeof info.device, "%s", loaded_->device.name().c_str());
  std::snprintf(info.precision, sizeof info.precision, "%s", precision_name(loaded_->precision));
  info.width = config().frame_width;
  info.height = config().frame_height;
  info.num_kp = config().num_kp;
  info.about_faces = about_faces();
  info.shared = shared_;
  info.load_ms = load_ms_;
}

bool Engine::about_faces() const {
  // The published checkpoints of other things have the shapes of those of faces; their names tell.
  for (const char* other : {"fashion", "taichi", "mgif", "bair"})
    if (loaded_->name.find(other) != std::string::npos)
      return false;
  return true;
}

void Engine::check_frame(const FomoImage& image) const {
  if (image.width != config().frame_width || image.height != config().frame_height ||
      image.channels != 3)
    throw Error(FOMO_SETTINGS,
                "A frame of " + std::to_string(image.width) + "x" + std::to_string(image.height) +
                    " was given to a model of " + std::to_string(config().frame_width) + "x" +
                    std::to_string(config().frame_height) + ". Scale it to RGB of that size.");
}

std::shared_ptr<const EncodedSource> Engine::encode(const Picture& picture, FomoCrop crop) const {
  const int width = config().frame_width, height = config().frame_height;
  const std::vector<uint8_t> pixels =
      resize_region(picture, crop_region(crop, picture.width, picture.height), width, height);
  return backend_->encode(packed_rgb(pixels, width, height), threads_);
}

Stream::Stream(std::shared_ptr<const Engine> engine)
    : engine_(std::move(engine)), workspace_(engine_->backend().new_workspace()) {}

FomoFrameInfo Stream::animate(const EncodedSource& source, const FomoMotion& motion,
                              const FomoImage& driving, const FomoImage& output) {
  for (const FomoImage* image : {&driving, &output})
    engine_->check_frame(*image);
  FomoFrameInfo info = {};
  const Stopwatch total;
  const KeypointSet detected =
      engine_->backend().detect(*workspace_, driving, engine_->threads()).keypoints;
  info.keypoints_ms = total.ms();

  const Stopwatch motion_watch;
  info.reference_set = !motion_.has_reference();
  const KeypointSet moved = motion_.apply(source.keypoints, source.hull_area, detected, motion);
  info.motion_ms = motion_watch.ms();

  const Stopwatch generator_watch;
  engine_->backend().generate(*workspace_, source, moved, {}, output, nullptr, engine_->threads());
  info.generator_ms = generator_watch.ms();
  info.total_ms = total.ms();
  return info;
}

} // namespace fomo
