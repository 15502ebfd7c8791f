// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "model/backend/backend.h"

namespace fomo {

class Checkpoint;

/// The reference implementation for results and times: each frame runs the whole network in fp32,
/// as in the paper and in FOMM's demo. Only the keypoints of the source and of the neutral pose are
/// kept from frame to frame.
class PlainPath {
 public:
  virtual ~PlainPath() = default;

  /// Animates one driving frame; the first one is the neutral pose. `prediction`: [3, H, W] in
  /// [0, 1]. Throws Error.
  virtual void animate(const ConstImage& driving, const FomoMotion& motion, float* prediction) = 0;
};

/// The functions of libfomotorch.so for fomo-model. They are in a library of their own because
/// opening LibTorch takes longer than loading the built-in model.
struct TorchApi {
  uint32_t version; ///< kTorchApiVersion
  /// Makes a plain path on `device`, "cpu" or "cuda:N"; before "cuda:N" libfomocuda.so must be
  /// open. `threads`: CPU threads. Throws Error.
  std::unique_ptr<PlainPath> (*make_plain_path)(const Checkpoint& checkpoint,
                                                const ModelConfig& config, bool align_corners,
                                                const char* device, int threads,
                                                const ConstImage& source);
};

constexpr uint32_t kTorchApiVersion = 3;
constexpr const char* kTorchApiEntry = "fomo_torch_api";

} // namespace fomo
