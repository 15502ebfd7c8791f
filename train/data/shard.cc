// SPDX-License-Identifier: LGPL-2.1-or-later
#include "train/data/shard.h"

#include <algorithm>
#include <filesystem>

#include "common/error.h"
#include "model/checkpoint/safetensors.h"
#include "train/data/landmarks.h"

namespace fomo::train {
namespace {

// One array of all pairs, and the tensor that refers to it when the shard is written.
template<typename T>
struct Column {
  std::vector<T> values;
  TensorToWrite tensor;

  Column(const std::vector<PairRecord>& pairs, std::vector<T> PairRecord::*member, ScalarType type,
         std::vector<int64_t> shape) {
    for (const PairRecord& pair : pairs)
      values.insert(values.end(), (pair.*member).begin(), (pair.*member).end());
    shape.insert(shape.begin(), {static_cast<int64_t>(pairs.size()), 2});
    tensor = {type, std::move(shape), values.data()};
  }
};

} // namespace

void write_shard(const std::string& path, const std::vector<PairRecord>& pairs,
                 const std::map<std::string, std::string>& metadata) {
  const Column<uint8_t> frames(pairs, &PairRecord::frames, ScalarType::u8, {256, 256, 3});
  const Column<float> keypoints(pairs, &PairRecord::keypoints, ScalarType::f32, {kLandmarks, 2});
  const Column<float> jacobians(pairs, &PairRecord::jacobians, ScalarType::f32, {kLandmarks, 2, 2});
  const Column<float> driver(pairs, &PairRecord::driver_keypoints, ScalarType::f32,
                             {kLandmarks, 2});
  const Column<float> driver_jacobians(pairs, &PairRecord::driver_jacobians, ScalarType::f32,
                                       {kLandmarks, 2, 2});
  const Column<int16_t> flow(pairs, &PairRecord::flow, ScalarType::i16, {kCells, kCells, 2});
  const Column<uint8_t> visibility(pairs, &PairRecord::visibility, ScalarType::u8,
                                   {kCells, kCells});
  const Column<uint8_t> person(pairs, &PairRecord::person, ScalarType::u8, {kCells, kCells});
  write_safetensors(path,
                    {{"frames", frames.tensor},
                     {"keypoints", keypoints.tensor},
                     {"jacobians", jacobians.tensor},
                     {"driver_keypoints", driver.tensor},
                     {"driver_jacobians", driver_jacobians.tensor},
                     {"flow", flow.tensor},
                     {"visibility", visibility.tensor},
                     {"person", person.tensor}},
                    metadata);
}

std::vector<std::string> list_shards(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(folder, code))
    if (entry.path().extension() == ".safetensors")
      paths.push_back(entry.path().string());
  if (code)
    throw Error(FOMO_NOT_FOUND, "The folder of shards '" + folder + "' cannot be read: " +
                                    code.message() + ". Make it with fomo-render.");
  std::sort(paths.begin(), paths.end());
  return paths;
}

} // namespace fomo::train
