// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "compose/axis.h"
#include "compose/detail_source.h"
#include "compose/field_lines.h"
#include "compose/gaussian.h"

namespace fomo {

/// Finds where the generated picture shows something else than the warped source, for example a
/// closed eye or the inside of a mouth. Detail of the source must not be used there. The comparison
/// is at half the model's size, of band-passed luma, so that a change of the light does not matter.
class DetailGate {
 public:
  DetailGate(PixelSize model, int field_width, int field_height);

  /// Compares the next frame. `generated`: r, g, b of the generated picture, floats of the model's
  /// size.
  void start(const compose::Lines& lines, const DetailSource& source, const MotionField& field,
             const float* generated);
  /// Line `y` of the gate at the model's size: 1 where the pictures agree, 0 where they differ.
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
  std::vector<float> gate_; // at the model's width, half its height
};

} // namespace fomo
