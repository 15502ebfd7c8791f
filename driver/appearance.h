// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "driver/frame_reader.h"

namespace fomo {

/// What somebody's face, hair and collar look like from afar: a few coloured cells. Tells two
/// people apart when they cross, not one from thousands.
class Appearance {
 public:
  /// Reads it around `box` of the current frame; unknown when that fails.
  static Appearance of(const FrameReader& frame, const Box& box);

  bool known() const { return known_; }
  /// Mean difference in grey levels; 0 where either is unknown.
  double distance(const Appearance& other) const;
  /// Takes on `share` (0 to 1) of `seen`: light and pose change slowly.
  void adapt(const Appearance& seen, double share);

 private:
  static constexpr int cells = 6;
  std::array<float, 3 * cells * cells> cell_{};
  bool known_ = false;
};

} // namespace fomo
