// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/checkpoint/config.h"
#include "model/checkpoint/safetensors.h"

namespace fomo {

/// Random weights of a whole model, with the names of Checkpoint::tensors().
class RandomModel {
 public:
  /// `none`: tensors without data, for files of which only the shapes matter.
  enum class Values { random, none };
  /// Makes weights with the statistics of trained weights: activations of order 1, keypoints that
  /// depend on the picture and are spread over it, Jacobians near the identity. The same seed gives
  /// the same weights on every machine. `antialias_taps`: the size of the anti-alias kernels; 0:
  /// FOMM's for the scale factor.
  explicit RandomModel(const ModelConfig& config, uint64_t seed = 0, int antialias_taps = 0,
                       Values values = Values::random);

  /// Views of the weights (fp32; counts of batches i64), valid during the lifetime of this object.
  /// The data are null with Values::none.
  std::map<std::string, TensorToWrite> tensors() const&;
  void tensors() const&& = delete; // views of a temporary would dangle

 private:
  struct Tensor {
    std::vector<int64_t> shape;
    std::vector<float> values;
  };
  std::map<std::string, Tensor> weights_;
  std::map<std::string, std::vector<int64_t>> counts_;
};

} // namespace fomo
