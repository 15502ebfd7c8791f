// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace fomo {

/// The rotation and stretch of a keypoint's neighbourhood: the polar decomposition of a 2x2 matrix
/// with positive determinant, M = R(angle) S, S symmetric and positive definite. Powers and limits
/// of the decomposition keep the determinant positive; powers and limits of the matrix entries do
/// not.
struct Deformation {
  double angle = 0;           ///< radians, -pi to pi
  double stretch[2] = {1, 1}; ///< singular values, the larger one first
  double axis = 0;            ///< direction of the larger stretch, radians
  bool proper = true;         ///< false: the matrix was mirrored, singular or not finite

  /// Decomposes a row-major matrix. If it has no decomposition, the result is the identity with
  /// `proper` false.
  static Deformation of(const double* matrix);
  /// Writes the row-major matrix.
  void to_matrix(double* matrix) const;
  /// M^exponent: `exponent` times the angle and the logarithm of the stretches.
  Deformation power(double exponent) const;
};

/// The deformation M with jacobian = M reference, that is M = jacobian reference^-1; row-major 2x2.
Deformation deformation_between(const float* jacobian, const float* reference);

/// Writes jacobian = M reference, row-major 2x2.
void deform(const Deformation& deformation, const float* reference, float* jacobian);

/// A smooth odd limiter: returns `value` up to the absolute value `from`; larger values are
/// compressed and approach `to`.
double soft_limit(double value, double from, double to);

} // namespace fomo
