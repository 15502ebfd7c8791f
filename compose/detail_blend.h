// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "compose/detail_source.h"
#include "model/motion/motion_field.h"

namespace fomo {

/// Renders the generated picture at the resolution of the output. The low band comes from the
/// generated picture. The high band comes from the source, warped at the resolution of the output,
/// where the source is visible and agrees with the generated picture:
///
///   out = blur(G) + v (W - blur(W)) + (1 - v) (G - blur(G))
///
/// G is the generated picture scaled up, W the warped source. v is the occlusion map, reduced where
/// G and W disagree and near the border of the source. Use one object for each stream: it keeps its
/// buffers and allocates only when a size changes.
class DetailBlend {
 public:
  DetailBlend();
  ~DetailBlend();
  DetailBlend(DetailBlend&&) noexcept;
  DetailBlend& operator=(DetailBlend&&) noexcept;

  /// `generated`: RGB of source.model(). `output`: RGB or RGBA of source.output(); its straight
  /// alpha is the warped alpha of the source. Uses at most `threads` threads. Throws Error
  /// (FOMO_SETTINGS) if a size is wrong.
  void operator()(const DetailSource& source, const MotionField& field, const ConstImage& generated,
                  const FomoImage& output, int threads = 1);

  /// The weight v of the last frame at (x, y) of the model's size, for tests.
  float weight(int x, int y) const;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

} // namespace fomo
