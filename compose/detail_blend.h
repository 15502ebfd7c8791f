// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "compose/detail_source.h"
#include "model/motion/motion_field.h"

namespace fomo {

/// Shows the network's picture at the output's own resolution: its low band, and for fine detail
/// the source itself, warped at the output's size, where it is visible and agrees with the network:
///
///   out = blur(G) + v (W - blur(W)) + (1 - v) (G - blur(G))
///
/// with G the network's picture scaled up, W the warped source and v the occlusion map, closed
/// where G and W disagree and towards the source's border. One object for each stream: it keeps the
/// buffers, and allocates only when a size changes.
class DetailBlend {
 public:
  DetailBlend();
  ~DetailBlend();
  DetailBlend(DetailBlend&&) noexcept;
  DetailBlend& operator=(DetailBlend&&) noexcept;

  /// `generated`: the network's picture, RGB of the source's model size. `output`: RGB, or RGBA
  /// (straight alpha, the source's own moved the same way; opaque for an opaque source), of the
  /// source's output size. On at most `threads` threads. Throws Error (FOMO_SETTINGS) where sizes
  /// do not fit.
  void operator()(const DetailSource& source, const MotionField& field, const ConstImage& generated,
                  const FomoImage& output, int threads = 1);

  /// The weight v of the last frame at the model's size, for looking at: line `y`, pixel `x`.
  float weight(int x, int y) const;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

} // namespace fomo
