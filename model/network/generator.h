// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "model/network/dense_motion.h"

namespace fomo {

/// Warps the source's features by the dense motion, hides what the occlusion map hides and paints
/// the rest (section 3.2 of the paper).
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

  /// Features of source pictures [N, 3, H, W] in [0, 1]: [N, C, H / 2^d, W / 2^d]. Depends on the
  /// source alone.
  at::Tensor encode(const at::Tensor& source) const;
  /// What the network paints from features and motion: [N, 3, H, W] in [0, 1], in FOMM's own models
  /// the pictures.
  at::Tensor paint(const at::Tensor& features, const DenseMotion& motion) const;
  /// The pictures [N, 3, H, W] in [0, 1] of a model that keeps its source's pixels: `source` moved,
  /// in the share that the occlusion map gives, and `painted` for the rest and beyond its border.
  at::Tensor keep(const at::Tensor& painted, const at::Tensor& source,
                  const DenseMotion& motion) const;
  /// The pictures of any model: `paint`, then `keep` in one that does. `source`: the pictures that
  /// the features are of.
  at::Tensor decode(const at::Tensor& features, const at::Tensor& source,
                    const DenseMotion& motion) const;
};

} // namespace fomo
