// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include "model/engine/backend.h"
#include "model/network/network.h"

namespace fomo {

/// The network through ATen's own operators, with batch norms folded: any device, any precision.
class AtenBackend : public Backend {
 public:
  AtenBackend(const Network& network, at::Device device, at::ScalarType type);

  std::shared_ptr<const EncodedSource> encode(const FomoImage& source, int threads) override;
  std::unique_ptr<Workspace> new_workspace() override;
  KeypointSet detect(Workspace& workspace, const FomoImage& driving, int threads) override;
  void generate(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
                const FomoImage& output, int threads) override;
  void predict(Workspace& workspace, const EncodedSource& source, const KeypointSet& keypoints,
               float* output, int threads) override;

 private:
  at::Tensor to_device(const FomoImage& image) const;
  Keypoints to_device(const KeypointSet& keypoints) const;
  at::Tensor predict(const EncodedSource& source, const KeypointSet& keypoints) const;

  Network network_;
  at::Device device_;
};

} // namespace fomo
