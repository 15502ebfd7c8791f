// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/data/dataset.h"

#include <algorithm>

#include "common/error.h"
#include "train/data/landmarks.h"
#include "train/data/shard.h"

namespace fomo::train {
namespace {

template<typename T>
const T* row(const SafetensorsFile& shard, const char* name, ScalarType type, size_t index,
             const std::vector<int64_t>& shape) {
  const StoredTensor& tensor = shard.at(name);
  if (tensor.type != type ||
      !std::equal(shape.begin(), shape.end(), tensor.shape.begin() + 1, tensor.shape.end()))
    throw Error(FOMO_WRONG_TYPE,
                std::string("A shard's '") + name +
                    "' has another shape. Make the shards anew with this version's fomo-render.");
  return reinterpret_cast<const T*>(shard.data(tensor)) +
         tensor.strides[0] * static_cast<int64_t>(index);
}

} // namespace

Dataset::Dataset(const std::string& folder) {
  for (const std::string& path : list_shards(folder)) {
    shards_.push_back(SafetensorsFile::open(path));
    starts_.push_back(starts_.back() + static_cast<size_t>(shards_.back().at("frames").shape[0]));
  }
  if (size() == 0)
    throw Error(FOMO_NOT_FOUND,
                "The folder '" + folder + "' has no shards. Make them with fomo-render.");
}

PairView Dataset::at(size_t index) const {
  const auto shard = static_cast<size_t>(std::upper_bound(starts_.begin(), starts_.end(), index) -
                                         starts_.begin()) -
                     1;
  const SafetensorsFile& file = shards_[shard];
  const size_t i = index - starts_[shard];
  return {row<uint8_t>(file, "frames", ScalarType::u8, i, {2, 256, 256, 3}),
          row<float>(file, "keypoints", ScalarType::f32, i, {2, kLandmarks, 2}),
          row<float>(file, "jacobians", ScalarType::f32, i, {2, kLandmarks, 2, 2}),
          row<float>(file, "driver_keypoints", ScalarType::f32, i, {2, kLandmarks, 2}),
          row<float>(file, "driver_jacobians", ScalarType::f32, i, {2, kLandmarks, 2, 2}),
          row<int16_t>(file, "flow", ScalarType::i16, i, {2, kCells, kCells, 2}),
          row<uint8_t>(file, "visibility", ScalarType::u8, i, {2, kCells, kCells}),
          row<uint8_t>(file, "person", ScalarType::u8, i, {2, kCells, kCells})};
}

} // namespace fomo::train
