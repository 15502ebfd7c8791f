// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "driver/frame_reader.h"

namespace fomo {

/// The look of a face with hair and collar from afar: 6 x 6 coloured cells. Brightness and contrast
/// are taken out, so that a lamp, a fade or a camera's exposure does not change the look. It tells
/// two people apart when they cross or when a cut replaces one by the other; it does not recognise
/// people.
class Appearance {
 public:
  /// Reads the look around `box`, which is turned by `roll` (Face::box); unknown when the frame
  /// cannot be read there or is too even.
  static Appearance of(const FrameReader& frame, const Box& box, double roll = 0);

  bool known() const { return known_; }
  /// Mean difference in standard deviations; 0 where either look is unknown. On clips of talking
  /// and turning heads: up to 0.62 within half a second of one person; between two people at least
  /// 0.54, in the median 0.85.
  double distance(const Appearance& other) const;
  /// Moves by `share` (0 to 1) towards `seen`: the pose changes slowly.
  void adapt(const Appearance& seen, double share);

 private:
  /// False when the cells are too even to tell anything.
  bool normalise();

  static constexpr int cells = 6;
  std::array<float, 3 * cells * cells> cell_{};
  bool known_ = false;
};

} // namespace fomo
