// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "common/host_device.h"

namespace fomo {

/// Matrix product of row-major 2x2 matrices: product = a b.
FOMO_HD void multiply_2x2(const float* a, const float* b, float* product) {
  product[0] = a[0] * b[0] + a[1] * b[2];
  product[1] = a[0] * b[1] + a[1] * b[3];
  product[2] = a[2] * b[0] + a[3] * b[2];
  product[3] = a[2] * b[1] + a[3] * b[3];
}

/// Raises the absolute value of a determinant to at least 1e-6, so that a singular Jacobian gives a
/// large but finite motion.
FOMO_HD float guarded_determinant(float determinant) {
  constexpr float smallest = 1e-6F;
  if (determinant < 0)
    return determinant > -smallest ? -smallest : determinant;
  return determinant < smallest ? smallest : determinant;
}

/// Inverse of a row-major 2x2 matrix, with guarded_determinant.
FOMO_HD void inverse_2x2(const float* matrix, float* inverse) {
  const float scale = 1 / guarded_determinant(matrix[0] * matrix[3] - matrix[1] * matrix[2]);
  inverse[0] = matrix[3] * scale;
  inverse[1] = -matrix[1] * scale;
  inverse[2] = -matrix[2] * scale;
  inverse[3] = matrix[0] * scale;
}

} // namespace fomo
