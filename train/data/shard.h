// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fomo::train {

/// The arrays of one pair, each with the values of both frames, in the order of a shard.
struct PairRecord {
  std::vector<uint8_t> frames;         ///< [2, 256, 256, 3] RGB
  std::vector<float> keypoints;        ///< [2, K, 2] normalised
  std::vector<float> jacobians;        ///< [2, K, 2, 2]
  std::vector<float> driver_keypoints; ///< [2, K, 2] of another identity who performs both frames
  std::vector<float> driver_jacobians; ///< [2, K, 2, 2]
  std::vector<int16_t> flow;           ///< [2, 64, 64, 2] normalised, times kFlowScale
  std::vector<uint8_t> visibility;     ///< [2, 64, 64] 255: visible in the other frame
  std::vector<uint8_t> person;         ///< [2, 64, 64] 255: person, 0: background
};

constexpr float kFlowScale = 8192;

/// Writes pairs as one .safetensors file. The first dimension of each array is the pair.
void write_shard(const std::string& path, const std::vector<PairRecord>& pairs,
                 const std::map<std::string, std::string>& metadata);

/// Names of the shards in a folder, sorted. Throws Error if the folder cannot be read.
std::vector<std::string> list_shards(const std::string& folder);

} // namespace fomo::train
