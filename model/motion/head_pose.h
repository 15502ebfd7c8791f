// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace fomo {

/// A point of a head in its own coordinates: `x` to the picture's right and `y` down as the head
/// faces the camera, `near` towards the camera.
struct HeadPoint {
  double x = 0, y = 0, near = 0;
};

/// A rotation of HeadPoints: a row-major orthogonal matrix.
struct Turn {
  std::array<double, 9> m;

  double operator[](size_t i) const { return m[i]; }
  double& operator[](size_t i) { return m[i]; }
};

HeadPoint operator*(const Turn& turn, const HeadPoint& point);
Turn operator*(const Turn& a, const Turn& b);
Turn inverse(const Turn& turn);
/// The turn by angles in radians: `yaw` to the picture's right, `pitch` upwards, `roll` clockwise,
/// applied in the order roll, pitch, yaw.
Turn turn_by(double yaw, double pitch, double roll);
/// The turn about the same axis by `exponent` times the angle.
Turn power(const Turn& turn, double exponent);

/// Where a head is in a picture (scaled orthographic projection): the point p is at
/// (x, y) + scale (turn p), without its third coordinate.
struct HeadPose {
  Turn turn{{1, 0, 0, 0, 1, 0, 0, 0, 1}};
  double scale = 1; ///< units of the picture for one unit of the head
  double x = 0, y = 0;
};

/// The place of a head's point in the picture; `near` is in the picture's units.
HeadPoint project(const HeadPose& pose, const HeadPoint& point);

/// The pose in which `shape` fits `points` (x, y of each point of the shape) best: least squares
/// with `weights` and less weight for outliers, from `start` on. Where the points do not determine
/// the turn, it stays near that of `start`.
HeadPose fit_head_pose(const std::vector<HeadPoint>& shape, const float* points,
                       const std::vector<double>& weights, const HeadPose& start);

} // namespace fomo
