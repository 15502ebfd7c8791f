// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "model/checkpoint/safetensors.h"

namespace fomo::train {

/// One pair of a shard: pointers into the mapped file. Each array holds both frames' values, one
/// frame after the other (shapes: see PairRecord).
struct PairView {
  const uint8_t* frames;
  const float* keypoints;
  const float* jacobians;
  const float* driver_keypoints;
  const float* driver_jacobians;
  const int16_t* flow;
  const uint8_t* visibility;
  const uint8_t* person;
};

/// All pairs of a folder of shards.
class Dataset {
 public:
  /// Throws Error if there are no shards or a file is not a shard.
  explicit Dataset(const std::string& folder);

  size_t size() const { return starts_.back(); }
  PairView at(size_t index) const;

 private:
  std::vector<SafetensorsFile> shards_;
  std::vector<size_t> starts_{0};
};

} // namespace fomo::train
