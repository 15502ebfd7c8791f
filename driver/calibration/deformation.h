// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo {

/// How a keypoint's surroundings have been turned and stretched: the polar decomposition of a 2x2
/// matrix with positive determinant, M = R(angle) S, S symmetric and positive definite. Powers and
/// limits of it keep the determinant positive, which those of the matrix's entries would not.
struct Deformation {
  double angle = 0;           ///< radians, -pi to pi
  double stretch[2] = {1, 1}; ///< singular values, the larger first
  double axis = 0;            ///< direction of the first, radians
  bool proper = true;         ///< false: the matrix was mirrored, flat or not finite

  /// Of a row-major matrix. Not proper: no deformation.
  static Deformation of(const double* matrix);
  /// Writes the row-major matrix.
  void to_matrix(double* matrix) const;
  /// M^exponent: `exponent` times the angle and the logarithm of the stretches.
  Deformation power(double exponent) const;
};

/// What deforms `reference` into `jacobian`: jacobian reference^-1, row-major 2x2.
Deformation deformation_between(const float* jacobian, const float* reference);

/// jacobian = M reference.
void deform(const Deformation& deformation, const float* reference, float* jacobian);

/// `value` itself up to `from` (in absolute value); beyond, ever slower towards `to`. Smooth; odd.
double soft_limit(double value, double from, double to);

} // namespace fomo
