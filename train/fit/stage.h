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

/// One step's batch, on the stage's device.
struct Drawn {
  Batch batch;
  render::Random random; ///< the generator that drew the batch; the loss draws on from it
};

/// One part of the model with its data and its loss.
class Stage {
 public:
  virtual ~Stage() = default;

  /// The stage's name. By default also the part of the model (part_of) that the stage trains.
  virtual std::string part() const = 0;
  /// Whether the stage trains the tensor `name`; the other tensors stay as they are.
  virtual bool trains(const std::string& name) const { return part_of(name) == part(); }
  /// Number of pairs in a batch.
  virtual int batch() const = 0;
  /// Draws a batch onto the stage's device. Thread-safe.
  virtual Batch draw(render::Random& random) const = 0;
  /// The loss of a batch. `progress` (0..1) is the share of the training that is done. Writes the
  /// parts of the loss into `metrics`.
  virtual at::Tensor loss(Drawn& drawn, double progress, Metrics& metrics) = 0;
  /// Metrics on the held-out pairs. Computes no gradients.
  virtual Metrics validate() = 0;
  /// Makes batch norm use each batch's statistics (true) or the running statistics (false).
  virtual void set_training(bool training) = 0;
};

/// Draws the batch of step `step` of a training with `seed`.
inline Drawn draw(const Stage& stage, uint64_t seed, int64_t step) {
  Drawn drawn{{}, render::Random(seed, static_cast<uint64_t>(step) + 1)};
  drawn.batch = stage.draw(drawn.random);
  return drawn;
}

struct StageOptions {
  at::Device device = at::kCPU; ///< of the batches and of the weights
  int batch = 12;               ///< pairs in a batch
  int crop = 112;               ///< generator: side of the crops, pixels
  double detected = 0;          ///< motion: share of batches on detected keypoints
  double led = 0;               ///< motion: share of batches on keypoints moved by another identity
  double predicted = 0; ///< generator: share of batches on motion that the motion network predicts
  double adversarial = 0;  ///< generator: weight of the adversarial loss; 0: no discriminator
  bool pretrained = false; ///< the weights are trained: skip the easier first phase
  std::string vgg;         ///< video: file of the perceptual loss's weights; empty: none
  int validation_pairs = 48;
};

/// Stages with supervised losses on rendered pairs. They share the tensors of `weights`.
std::unique_ptr<Stage> keypoint_stage(TensorMap& weights, const ModelConfig& config,
                                      const Dataset& train, const Dataset& valid,
                                      const StageOptions& options);
std::unique_ptr<Stage> motion_stage(TensorMap& weights, const ModelConfig& config,
                                    const Dataset& train, const Dataset& valid,
                                    const StageOptions& options);
std::unique_ptr<Stage> generator_stage(TensorMap& weights, const ModelConfig& config,
                                       const Dataset& train, const Dataset& valid,
                                       const StageOptions& options);

/// A stage that trains all parts together with FOMM's self-supervised losses, from videos that show
/// one subject each.
std::unique_ptr<Stage> video_stage(TensorMap& weights, const ModelConfig& config,
                                   const Videos& train, const Videos& valid,
                                   const StageOptions& options);

} // namespace fomo::train
