// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <memory>
#include <string>

#include "train/data/dataset.h"
#include "train/data/videos.h"
#include "train/fit/batch.h"
#include "train/fit/weights.h"
#include "train/render/random.h"

namespace fomo::train {

using Metrics = std::map<std::string, double>;

/// What a step learns from, on its stage's device.
struct Drawn {
  Batch batch;
  render::Random random; ///< goes on where the batch's drawing ended
};

/// One part of the model with its data and its loss.
class Stage {
 public:
  virtual ~Stage() = default;

  /// Its name: the part of the model that it trains (part_of), unless `trains` says otherwise.
  virtual std::string part() const = 0;
  /// Whether it trains the tensor of this name; all others stay as they are.
  virtual bool trains(const std::string& name) const { return part_of(name) == part(); }
  /// Pairs of a batch.
  virtual int batch() const = 0;
  /// A batch that `random` draws, on the stage's device. Several threads may draw at once.
  virtual Batch draw(render::Random& random) const = 0;
  /// The loss of a batch, `progress` (0..1) of the way to the end. `metrics` takes its parts.
  virtual at::Tensor loss(Drawn& drawn, double progress, Metrics& metrics) = 0;
  /// On the held-out pairs, without gradients.
  virtual Metrics validate() = 0;
  /// Batch norm with the batch's own statistics, or the running ones.
  virtual void set_training(bool training) = 0;
};

/// What step `step` of a training with `seed` learns from.
inline Drawn draw(const Stage& stage, uint64_t seed, int64_t step) {
  Drawn drawn{{}, render::Random(seed, static_cast<uint64_t>(step) + 1)};
  drawn.batch = stage.draw(drawn.random);
  return drawn;
}

struct StageOptions {
  at::Device device = at::kCPU; ///< of the weights, too
  int batch = 12;               ///< pairs
  int crop = 112;               ///< generator: side of the crops, pixels
  double detected = 0;          ///< motion: share of batches on detected keypoints
  double led = 0;               ///< motion: share of batches on keypoints that somebody else leads
  double predicted = 0;   ///< generator: share of batches on motion that the motion network tells
  double adversarial = 0; ///< generator: weight of the discriminator
  bool skilled = false;   ///< it can do the work already: nothing easier first
  std::string vgg;        ///< video: weights of the perceptual loss; empty: none
  int validation_pairs = 48;
};

/// `weights` are shared, not copied. Supervised by rendered pairs.
std::unique_ptr<Stage> keypoint_stage(TensorMap& weights, const ModelConfig& config,
                                      const Dataset& train, const Dataset& valid,
                                      const StageOptions& options);
std::unique_ptr<Stage> motion_stage(TensorMap& weights, const ModelConfig& config,
                                    const Dataset& train, const Dataset& valid,
                                    const StageOptions& options);
std::unique_ptr<Stage> generator_stage(TensorMap& weights, const ModelConfig& config,
                                       const Dataset& train, const Dataset& valid,
                                       const StageOptions& options);

/// All parts together, with FOMM's own self-supervised losses, from videos of one subject each.
std::unique_ptr<Stage> video_stage(TensorMap& weights, const ModelConfig& config,
                                   const Videos& train, const Videos& valid,
                                   const StageOptions& options);

} // namespace fomo::train
