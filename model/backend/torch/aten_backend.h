// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include "model/backend/backend.h"
#include "model/network/network.h"

namespace fomo {

/// The network on the CPU with LibTorch's operators and folded batch norms, for precisions that
/// model/kernels does not support.
class AtenBackend : public Backend {
 public:
  /// A `deterministic` backend always computes on one thread, because the rounding of LibTorch's
  /// sums depends on the number of threads.
  AtenBackend(const Network& network, at::ScalarType type, bool deterministic);

  std::shared_ptr<const EncodedSource> encode(const ConstImage& source, int threads) override;
  std::unique_ptr<Workspace> new_workspace() override;
  Detection detect(Workspace& workspace, const ConstImage& driving, int threads) override;
  void generate(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
                const RenderOptions& options, const FomoImage& output, RenderedMotion* motion,
                int threads) override;
  void predict(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
               float* output, int threads) override;

 private:
  at::Tensor predict(const EncodedSource& source, const KeypointSet& keypoints,
                     const RenderOptions& options, RenderedMotion* rendered) const;

  int threads_for(int threads) const { return deterministic_ ? 1 : threads; }

  Network network_;
  bool deterministic_;
};

} // namespace fomo
