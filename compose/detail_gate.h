// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "compose/axis.h"
#include "compose/detail_source.h"
#include "compose/field_lines.h"
#include "compose/gaussian.h"

namespace fomo {

/// Where the network's picture shows something else than the moved source - a lid where the source
/// has an open eye, the inside of a mouth - and detail has to yield. Both are compared blurred and
/// relative to their surroundings, so that a change of the light does not count, at half the
/// network's size.
class DetailGate {
 public:
  DetailGate(PixelSize model, int field_width, int field_height);

  /// `generated`: r, g, b of the network's picture, floats of the model's size.
  void start(const compose::Lines& lines, const DetailSource& source, const MotionField& field,
             const float* generated);
  /// Line `y` at the model's size: 1 where they agree, 0 where detail has to go.
  void line(const compose::Lines& lines, int y, float* gate) const;

 private:
  float* half_line(std::vector<float>& plane, int y) const {
    return plane.data() + static_cast<size_t>(y) * half_.width;
  }

  PixelSize model_, half_;
  compose::FieldLines field_;
  compose::Gaussian blur_, surroundings_, spread_, soften_;
  compose::FourTaps across_;
  compose::TwoTaps down_;
  std::vector<float> difference_, mean_, u_, v_, expected_, padded_;
  std::vector<float> gate_; // widened to the model's width
};

} // namespace fomo
