// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <vector>

#include "common/image.h"
#include "model/checkpoint/config.h"
#include "model/motion/keypoints.h"
#include "model/motion/motion_field.h"
#include "model/motion/steady_border.h"

namespace fomo {

/// How a backend computes, where its device and precision leave a choice.
struct BackendOptions {
  bool align_corners = true; ///< of grid_sample
  /// Results are bit for bit the same on every run on one kind of machine, and for every number of
  /// threads: algorithms are chosen without a clock.
  bool deterministic = false;
};

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

/// Keypoints of a frame, and how sharp they are.
struct Detection {
  KeypointSet keypoints;
  std::vector<float> peaks; ///< the largest value of each heatmap after the softmax, 0 to 1
};

/// How a frame is to be rendered, besides its keypoints.
struct RenderOptions {
  /// Holds the picture's border still; of the dense motion's size. Null: nothing is held.
  const SteadyBorder* border = nullptr;
  bool masks = false;      ///< the dense motion's masks are wanted
  bool background = false; ///< the first of them, the background's, is wanted
};

/// The dense motion of a rendered frame, copied to host memory.
struct RenderedMotion {
  int width = 0, height = 0;      ///< cells
  std::vector<float> deformation; ///< [height][width][2], see MotionField
  std::vector<float> occlusion;   ///< [height][width]; empty in a model without the map
  std::vector<float> masks;       ///< [K + 1][height][width], background first; empty unless wanted
  std::vector<float> background;  ///< [height][width], the first mask; empty unless wanted
  bool align_corners = true;
  int feature_width = 0, feature_height = 0; ///< of the features that are moved

  /// Valid while this is.
  MotionField field() const {
    return {width,
            height,
            deformation.data(),
            occlusion.empty() ? nullptr : occlusion.data(),
            align_corners,
            feature_width,
            feature_height,
            background.empty() ? nullptr : background.data()};
  }
};

/// The network on one device in one precision, weights loaded. Thread-safe: any number of streams
/// use it, each with its own workspace. All images are packed or strided RGB of the model's frame
/// size. Every function throws Error (FOMO_NO_MEMORY, FOMO_FAILED).
class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::shared_ptr<const EncodedSource> encode(const ConstImage& source, int threads) = 0;
  virtual std::unique_ptr<Workspace> new_workspace() = 0;

  /// Keypoints of a driving frame.
  virtual Detection detect(Workspace& workspace, const ConstImage& driving, int threads) = 0;
  /// The source moved to `keypoints`. `motion` may be null. Without `output.data` only the motion
  /// is computed.
  virtual void generate(Workspace& workspace, const EncodedSource& source,
                        const KeypointSet& keypoints, const RenderOptions& options,
                        const FomoImage& output, RenderedMotion* motion, int threads) = 0;
  /// The same before it is rounded to bytes: [3, H, W] in [0, 1], for measurements.
  virtual void predict(Workspace& workspace, const EncodedSource& source,
                       const KeypointSet& keypoints, float* output, int threads) = 0;
};

} // namespace fomo
