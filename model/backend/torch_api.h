// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "model/backend/backend.h"

namespace fomo {

class Checkpoint;

/// The network as the paper has it, step by step, in fp32, with nothing remembered but the
/// reference's keypoints: what the engine's results and times are compared with.
class PlainPath {
 public:
  virtual ~PlainPath() = default;

  /// One driving frame; the first is the neutral pose. `prediction`: [3, H, W] in [0, 1].
  virtual void animate(const ConstImage& driving, const FomoMotion& motion, float* prediction) = 0;
};

/// What libfomotorch.so offers to the engine and its tool: all that needs LibTorch, which takes
/// longer to open than the built-in model takes to load.
struct TorchApi {
  uint32_t version;
  /// The network on the CPU in bf16, which our own kernels do not have. Throws Error.
  std::shared_ptr<Backend> (*make_bf16_backend)(const Checkpoint& checkpoint,
                                                const ModelConfig& config,
                                                const BackendOptions& options);
  /// On device "cpu" or "cuda:N", in the latter case after libfomocuda.so was opened; `threads` of
  /// the CPU. Throws Error.
  std::unique_ptr<PlainPath> (*make_plain_path)(const Checkpoint& checkpoint,
                                                const ModelConfig& config, bool align_corners,
                                                const char* device, int threads,
                                                const ConstImage& source);
};

constexpr uint32_t kTorchApiVersion = 2;
constexpr const char* kTorchApiEntry = "fomo_torch_api";

} // namespace fomo
