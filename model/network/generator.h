// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/dense_motion.h"

namespace fomo {

/// Warps the source's features by the dense motion, masks them with the occlusion map and decodes
/// them to a picture (section 3.2 of the paper).
struct Generator {
  DenseMotionNetwork dense_motion;
  ConvBlock first;
  std::vector<DownBlock> down;
  std::vector<ResBlock> bottleneck;
  std::vector<UpBlock> up;
  Conv2d final;
  bool keep_source = false;

  Generator() = default;
  Generator(const TensorMap& tensors, const ModelConfig& config, bool align_corners);

  /// The features of source pictures [N, 3, H, W] in [0, 1]: [N, C, H / 2^d, W / 2^d] with d down
  /// blocks.
  at::Tensor encode(const at::Tensor& source) const;
  /// Generates pictures [N, 3, H, W] in [0, 1] from features and motion. In FOMM's own models this
  /// is the result.
  at::Tensor paint(const at::Tensor& features, const DenseMotion& motion) const;
  /// Blends painted pictures with the source's own pixels, moved by the dense motion; the occlusion
  /// map is the weight of the source. Beyond the source's border the painted picture remains.
  at::Tensor keep(const at::Tensor& painted, const at::Tensor& source,
                  const DenseMotion& motion) const;
  /// The output pictures of any model: `paint` and, in a model with keep_source, `keep`. `source`:
  /// the pictures of which `features` are the features.
  at::Tensor decode(const at::Tensor& features, const at::Tensor& source,
                    const DenseMotion& motion) const;
};

} // namespace fomo
