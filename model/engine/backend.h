// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "common/engine_api.h"
#include "model/checkpoint/config.h"
#include "model/motion/keypoints.h"

namespace fomo {

/// A source picture as a backend needs it for every driving frame: features on the device, and its
/// keypoints and their hull. Immutable; belongs to the backend that encoded it.
struct EncodedSource {
  virtual ~EncodedSource() = default;
  KeypointSet keypoints;
  double hull_area = 0;
};

/// Buffers of one stream, so that streams run beside each other.
struct Workspace {
  virtual ~Workspace() = default;
};

/// The network on one device in one precision, weights loaded. Thread-safe: any number of streams
/// use it, each with its own workspace. All images are packed or strided RGB of the model's frame
/// size. Every function throws Error (FOMO_NO_MEMORY, FOMO_FAILED).
class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::shared_ptr<const EncodedSource> encode(const FomoImage& source, int threads) = 0;
  virtual std::unique_ptr<Workspace> new_workspace() = 0;

  /// Keypoints of a driving frame.
  virtual KeypointSet detect(Workspace& workspace, const FomoImage& driving, int threads) = 0;
  /// The source moved to `keypoints`.
  virtual void generate(Workspace& workspace, const EncodedSource& source,
                        const KeypointSet& keypoints, const FomoImage& output, int threads) = 0;
  /// The same before it is rounded to bytes: [3, H, W] in [0, 1], for measurements.
  virtual void predict(Workspace& workspace, const EncodedSource& source,
                       const KeypointSet& keypoints, float* output, int threads) = 0;
};

} // namespace fomo
