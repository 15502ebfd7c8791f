// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "compose/axis.h"
#include "model/motion/motion_field.h"

namespace fomo::compose {

/// Resizes a motion field, line by line. The deformation is resized with cubic curves, so that no
/// edges of cells show in the warped picture, and extrapolated beyond the outermost cell centres.
/// The occlusion map is resized linearly.
class FieldLines {
 public:
  FieldLines(int field_width, int field_height, int width, int height);

  /// Takes the next field, of the size given to the constructor. NaN counts as far outside.
  void start(const Lines& lines, const MotionField& field);

  /// The deformation of line `y`: positions in the crop, in [0, 1] within it.
  void coordinates(const Lines& lines, int y, float* u, float* v) const;
  /// The occlusion map of line `y`, in [0, 1].
  void occlusion(const Lines& lines, int y, float* visible) const;

 private:
  enum Plane { plane_u, plane_v, plane_occlusion, plane_count };

  float* row(int plane, int y) {
    return planes_.data() +
           (static_cast<size_t>(plane) * (field_height_ + 2 * FourTaps::kMargin) + y) * width_;
  }
  const float* row(int plane, int y) const { return const_cast<FieldLines*>(this)->row(plane, y); }
  void start_coordinate(const Lines& lines, const MotionField& field, int axis);
  void start_occlusion(const Lines& lines, const MotionField& field);
  void line(const Lines& lines, Plane plane, const FourTaps& axis, int y, float* out) const;

  int field_width_, field_height_, width_;
  FourTaps smooth_x_, smooth_y_, linear_x_, linear_y_;
  std::vector<float> padded_; // one line of the field with its margins
  std::vector<float> planes_; // the field at the new width, with margins above and below
};

} // namespace fomo::compose
