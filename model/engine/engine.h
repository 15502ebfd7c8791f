// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "common/picture.h"
#include "model/engine/backend.h"
#include "model/motion/motion_transfer.h"

namespace fomo {

struct EngineOptions {
  std::string model = "builtin"; ///< a checkpoint file, or "builtin"
  std::string config;            ///< a FOMM YAML file, or empty: from the weights
  std::string device = "auto";   ///< "auto", "cpu", "cuda", "cuda:N"
  FomoPrecision precision = FOMO_PRECISION_AUTO;
  int threads = 0; ///< CPU threads, 0: all cores
  bool align_corners = true;
};

/// A model ready to animate. Thread-safe; cheap to open again while one with the same file, device
/// and precision is open, as these share their weights.
class Engine {
 public:
  /// Throws Error.
  static std::shared_ptr<Engine> open(const EngineOptions& options);

  const ModelConfig& config() const;
  void describe(FomoModelInfo& info) const;
  /// Whether it may be a model of faces: not known to be of something else.
  bool about_faces() const;
  int threads() const { return threads_; }
  /// Throws Error (FOMO_SETTINGS) unless `image` is RGB of the model's frame size.
  void check_frame(const FomoImage& image) const;
  Backend& backend() const { return *backend_; }

  /// The picture cropped, scaled to the model's size and encoded.
  std::shared_ptr<const EncodedSource> encode(const Picture& picture, FomoCrop crop) const;

 private:
  struct Loaded; // what engines share

  std::shared_ptr<const Loaded> loaded_;
  std::shared_ptr<Backend> backend_;
  int threads_ = 0;
  bool shared_ = false;
  double load_ms_ = 0;
};

/// One driving video: the neutral pose and the buffers.
class Stream {
 public:
  explicit Stream(std::shared_ptr<const Engine> engine);

  /// The next frame becomes the neutral pose.
  void reset_reference() { motion_.reset(); }

  /// One frame. `driving` and `output` are RGB of the model's frame size. Throws Error.
  FomoFrameInfo animate(const EncodedSource& source, const FomoMotion& motion,
                        const FomoImage& driving, const FomoImage& output);

 private:
  std::shared_ptr<const Engine> engine_;
  std::unique_ptr<Workspace> workspace_;
  MotionTransfer motion_;
};

} // namespace fomo
