// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "compose/plate.h"
#include "model/motion/motion_field.h"

namespace fomo {

/// Shows what is behind the person where the person has been and is no more. With h what the
/// occlusion map says is hidden, b where the dense motion's background mask says that the driving
/// frame shows background, M the person in the picture,
/// p where the moved person is (MovedMatte::covered) and c the background that the dense motion
/// carries along with the head (MovedMatte::carried), the plate is shown by
///
///   w = max(b max(h, grown(h b) M) (1 - p), c)
///
/// grown(h b) reaches over the old outline, which the occlusion map stops short of and which would
/// stay behind as a thin line; where the mask is sure of the background it reaches twice as far. A
/// part that stands still while others move, hair when a face nods, counts as background in the
/// mask: nothing far from what is uncovered may be removed for it. Before, the person's own pixels
/// are shown where the generator drew them although the picture has them (PersonLayer). At rest
/// nothing is hidden and the plate is not seen. One object for each stream: it keeps buffers.
class Layers {
 public:
  Layers();
  ~Layers();
  Layers(Layers&&) noexcept;
  Layers& operator=(Layers&&) noexcept;

  /// Lays the person's pixels and `plate` into `output`, which has the plate's size and channels.
  /// `field` needs a background and an occlusion map; without them nothing is done. `keypoints`:
  /// those that the frame was generated with; null: unknown, then only the plate is laid. On at
  /// most `threads` threads. Throws Error (FOMO_SETTINGS) where sizes do not fit.
  void operator()(const BackgroundPlate& plate, const MotionField& field,
                  const KeypointSet* keypoints, const FomoImage& output, int threads = 1);

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

} // namespace fomo
