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

/// Options of a backend besides its device and precision.
struct BackendOptions {
  bool align_corners = true; ///< of grid_sample
  /// Results are bit-identical on every run on one kind of machine and for every number of threads:
  /// algorithms are chosen without timing them.
  bool deterministic = false;
};

/// A source picture prepared for driving frames: its features on the device, its keypoints and the
/// area of their hull. Immutable. Only the backend that encoded it can use it.
struct EncodedSource {
  virtual ~EncodedSource() = default;
  KeypointSet keypoints;
  double hull_area = 0;
};

/// The buffers of one stream, so that streams can run concurrently.
struct Workspace {
  virtual ~Workspace() = default;
};

/// The keypoints of a frame and the peaks of their heatmaps.
struct Detection {
  KeypointSet keypoints;
  std::vector<float> peaks; ///< the largest value of each heatmap after the softmax, 0 to 1
};

/// How to render a frame, besides its keypoints.
struct RenderOptions {
  /// Keeps the picture's border still. It has the size of the dense motion. Null: no border is
  /// kept.
  const SteadyBorder* border = nullptr;
  bool masks = false;      ///< fill RenderedMotion::masks
  bool background = false; ///< fill RenderedMotion::background
};

/// The dense motion of a rendered frame, copied to host memory.
struct RenderedMotion {
  int width = 0, height = 0;      ///< cells
  std::vector<float> deformation; ///< [height][width][2], see MotionField
  std::vector<float> occlusion;   ///< [height][width]; empty in a model without the map
  std::vector<float> masks; ///< [K + 1][height][width], background first; empty if not requested
  std::vector<float> background; ///< [height][width], the first mask; empty if not requested
  bool align_corners = true;
  int feature_width = 0, feature_height = 0; ///< size of the feature map that is warped, cells

  /// A view of this motion, valid while this object is unchanged.
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

/// A network with loaded weights on one device in one precision. Thread-safe: any number of streams
/// can use it concurrently, each with its own workspace. All images are RGB of the model's frame
/// size. `threads`: CPU threads, 0 for all cores. Every function throws Error (FOMO_NO_MEMORY,
/// FOMO_FAILED).
class Backend {
 public:
  virtual ~Backend() = default;

  /// Computes everything that driving frames need of a source picture.
  virtual std::shared_ptr<const EncodedSource> encode(const ConstImage& source, int threads) = 0;
  /// Makes the buffers of a stream.
  virtual std::unique_ptr<Workspace> new_workspace() = 0;

  /// Detects the keypoints of a driving frame.
  virtual Detection detect(Workspace& workspace, const ConstImage& driving, int threads) = 0;
  /// The source moved to `keypoints`. `motion` may be null. Without `output.data` only the motion
  /// is computed.
  virtual void generate(Workspace& workspace, const EncodedSource& source,
                        const KeypointSet& keypoints, const RenderOptions& options,
                        const FomoImage& output, RenderedMotion* motion, int threads) = 0;
  /// Like generate without options, but writes floats [3, H, W] in [0, 1]. For measurements.
  virtual void predict(Workspace& workspace, const EncodedSource& source,
                       const KeypointSet& keypoints, float* output, int threads) = 0;
};

} // namespace fomo
