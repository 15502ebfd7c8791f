// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/model.h"

#include <cstdio>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>

#include "common/error.h"
#include "common/file_wait.h"
#include "common/regular_file.h"
#include "common/stopwatch.h"
#include "model/backend/device.h"
#include "model/checkpoint/checkpoint.h"
#include "model/checkpoint/published_checkpoints.h"
#include "model/model_path.h"
#include "model/motion/landmarks.h"

namespace fomo {

namespace {

/// Identifies a file independent of its path. An empty path or a missing file: all zeros.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  time_t seconds = 0;
  long nanoseconds = 0;

  explicit FileIdentity(const std::string& path) {
    const auto status = path.empty() ? std::nullopt : file_status(path);
    if (!status)
      return;
    device = status->st_dev;
    inode = status->st_ino;
    size = status->st_size;
    seconds = status->st_mtim.tv_sec;
    nanoseconds = status->st_mtim.tv_nsec;
  }
  auto key() const { return std::make_tuple(device, inode, size, seconds, nanoseconds); }
  bool operator<(const FileIdentity& other) const { return key() < other.key(); }
};

/// Models with equal keys share their weights: checkpoint, configuration, device, precision,
/// align_corners, deterministic.
using LoadedKey = std::tuple<FileIdentity, FileIdentity, std::string, FomoPrecision, bool, bool>;

} // namespace

struct Model::Loaded {
  std::string name;
  std::string file;
  Container container = Container::legacy;
  ModelConfig config;
  bool about_faces = true;
  Device device;
  FomoPrecision precision = FOMO_PRECISION_FP32;
  std::shared_ptr<Backend> backend;

  static std::shared_ptr<const Loaded> load(const std::string& path, const ModelOptions& options);
  static std::shared_ptr<const Loaded> load_or_share(const ModelOptions& options, bool& shared);
};

std::shared_ptr<const Model::Loaded> Model::Loaded::load(const std::string& path,
                                                         const ModelOptions& options) {
  const Checkpoint checkpoint = Checkpoint::open(path);
  auto loaded = std::make_shared<Loaded>();
  loaded->name = options.model == "builtin" ? "builtin" : path.substr(path.find_last_of('/') + 1);
  loaded->file = path;
  loaded->container = checkpoint.container();
  loaded->config = model_config(checkpoint, options.config);
  loaded->device = find_device(options.device);
  loaded->precision = choose_precision(options.precision, loaded->device);
  // The digest of a large file takes seconds: meanwhile the weights are packed. If no thread can be
  // started, the digest is computed afterwards.
  std::future<bool> about_faces;
  if (!loaded->config.about_faces && has_size_of_other_things(checkpoint))
    about_faces = std::async(std::launch::async | std::launch::deferred,
                             [&] { return may_be_about_faces(checkpoint); });
  loaded->backend = make_backend(checkpoint, loaded->config, loaded->device, loaded->precision,
                                 {options.align_corners, options.deterministic});
  loaded->about_faces = about_faces.valid() ? waiting_for_file([&] { return about_faces.get(); })
                                            : loaded->config.about_faces.value_or(true);
  return loaded;
}

/// Threads that open the same model at the same time wait for the first of these threads. Threads
/// that open different models do not wait for each other.
std::shared_ptr<const Model::Loaded> Model::Loaded::load_or_share(const ModelOptions& options,
                                                                  bool& shared) {
  struct Slot {
    std::mutex loading;
    std::weak_ptr<const Loaded> loaded;
  };
  static std::mutex mutex;
  static std::map<LoadedKey, std::shared_ptr<Slot>> slots;

  const std::string path = model_path(options.model);
  const LoadedKey key{FileIdentity(path), FileIdentity(options.config), options.device,
                      options.precision,  options.align_corners,        options.deterministic};
  std::shared_ptr<Slot> slot;
  {
    std::lock_guard<std::mutex> lock(mutex);
    std::shared_ptr<Slot>& entry = slots[key];
    if (!entry)
      entry = std::make_shared<Slot>();
    slot = entry;
  }
  // The first thread may wait for the file.
  const auto lock = waiting_for_file([&] { return std::unique_lock<std::mutex>(slot->loading); });
  std::shared_ptr<const Loaded> loaded = slot->loaded.lock();
  shared = loaded != nullptr;
  if (!shared) {
    loaded = load(path, options);
    slot->loaded = loaded;
  }
  return loaded;
}

std::shared_ptr<Model> Model::open(const ModelOptions& options) {
  const Stopwatch watch;
  auto model = std::make_shared<Model>();
  model->loaded_ = Loaded::load_or_share(options, model->shared_);
  model->backend_ = model->loaded_->backend;
  model->threads_ = options.threads;
  model->load_ms_ = watch.ms();
  return model;
}

std::shared_ptr<Model> Model::with_backend(const Model& like, std::shared_ptr<Backend> backend) {
  auto model = std::make_shared<Model>(like);
  model->backend_ = std::move(backend);
  return model;
}

const ModelConfig& Model::config() const { return loaded_->config; }

void Model::describe(FomoModelInfo& info) const {
  info = {};
  std::snprintf(info.name, sizeof info.name, "%s", loaded_->name.c_str());
  std::snprintf(info.container, sizeof info.container, "%s", container_name(loaded_->container));
  std::snprintf(info.device, sizeof info.device, "%s", loaded_->device.name().c_str());
  std::snprintf(info.precision, sizeof info.precision, "%s", precision_name(loaded_->precision));
  if (loaded_->file.size() < sizeof info.file)
    std::snprintf(info.file, sizeof info.file, "%s", loaded_->file.c_str());
  info.width = config().frame_width;
  info.height = config().frame_height;
  info.num_kp = config().num_kp;
  info.about_faces = about_faces();
  info.named_kp = landmark::are_keypoints(config().num_kp, config().num_face_kp,
                                          config().first_mouth_kp, config().first_ear_kp);
  info.shared = shared_;
  info.load_ms = load_ms_;
}

bool Model::is_builtin() const { return loaded_->name == "builtin"; }

bool Model::about_faces() const { return loaded_->about_faces; }

void Model::check_frame(const ConstImage& image) const {
  if (image.width != config().frame_width || image.height != config().frame_height ||
      image.channels != 3)
    throw Error(FOMO_SETTINGS,
                "A frame of " + std::to_string(image.width) + "x" + std::to_string(image.height) +
                    " was given to a model of " + std::to_string(config().frame_width) + "x" +
                    std::to_string(config().frame_height) + ". Scale it to RGB of that size.");
}

} // namespace fomo
