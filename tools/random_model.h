// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/checkpoint/config.h"
#include "model/checkpoint/safetensors.h"

namespace fomo {

/// Made-up weights of a whole model, under the names of Checkpoint::tensors().
class RandomModel {
 public:
  /// The statistics of trained weights: activations of order 1, keypoints that follow the picture
  /// and lie all over it, Jacobians near the identity. The same seed gives the same weights
  /// anywhere. `antialias_taps` replaces the size of the anti-alias kernels (0: FOMM's for the
  /// scale factor).
  /// Values::none leaves the data out, for files that are only about shapes.
  enum class Values { random, none };
  explicit RandomModel(const ModelConfig& config, uint64_t seed = 0, int antialias_taps = 0,
                       Values values = Values::random);

  /// Views of the model's own weights: fp32, counts as i64; data null where left out.
  std::map<std::string, TensorToWrite> tensors() const&;
  void tensors() const&& = delete; // they would not outlive it

 private:
  struct Tensor {
    std::vector<int64_t> shape;
    std::vector<float> values;
  };
  std::map<std::string, Tensor> weights_;
  std::map<std::string, std::vector<int64_t>> counts_;
};

} // namespace fomo
