// SPDX-License-Identifier: LGPL-2.1-or-later
#include "driver/calibration/deformation.h"

#include <algorithm>
#include <cmath>

namespace fomo {

namespace {

constexpr double flat = 1e-6; ///< a matrix with a determinant up to this value is singular

double determinant(const double* m) { return m[0] * m[3] - m[1] * m[2]; }

} // namespace

Deformation Deformation::of(const double* m) {
  Deformation result;
  const double det = determinant(m);
  if (!(det > flat) || !std::isfinite(det)) {
    result.proper = false;
    return result;
  }
  result.angle = std::atan2(m[2] - m[1], m[0] + m[3]);
  const double c = std::cos(result.angle), s = std::sin(result.angle);
  // S = R^T M is symmetric.
  const double xx = c * m[0] + s * m[2], xy = c * m[1] + s * m[3], yy = c * m[3] - s * m[1];
  const double mean = (xx + yy) / 2, half = std::hypot((xx - yy) / 2, xy);
  result.stretch[0] = mean + half;
  result.stretch[1] = det / result.stretch[0];
  result.axis = half > 0 ? std::atan2(xy, (xx - yy) / 2) / 2 : 0;
  return result;
}

void Deformation::to_matrix(double* m) const {
  const double u = std::cos(axis), v = std::sin(axis);
  const double xx = stretch[0] * u * u + stretch[1] * v * v,
               yy = stretch[0] * v * v + stretch[1] * u * u, xy = (stretch[0] - stretch[1]) * u * v;
  const double c = std::cos(angle), s = std::sin(angle);
  m[0] = c * xx - s * xy;
  m[1] = c * xy - s * yy;
  m[2] = s * xx + c * xy;
  m[3] = s * xy + c * yy;
}

Deformation Deformation::power(double exponent) const {
  Deformation result = *this;
  result.angle *= exponent;
  for (double& stretched : result.stretch)
    stretched = std::pow(stretched, exponent);
  return result;
}

Deformation deformation_between(const float* jacobian, const float* reference) {
  const double j[4] = {jacobian[0], jacobian[1], jacobian[2], jacobian[3]};
  const double r[4] = {reference[0], reference[1], reference[2], reference[3]};
  const double det = determinant(r);
  if (!(std::abs(det) > flat)) {
    Deformation none;
    none.proper = false;
    return none;
  }
  const double m[4] = {(j[0] * r[3] - j[1] * r[2]) / det, (j[1] * r[0] - j[0] * r[1]) / det,
                       (j[2] * r[3] - j[3] * r[2]) / det, (j[3] * r[0] - j[2] * r[1]) / det};
  return Deformation::of(m);
}

void deform(const Deformation& deformation, const float* reference, float* jacobian) {
  double m[4];
  deformation.to_matrix(m);
  const double r[4] = {reference[0], reference[1], reference[2], reference[3]};
  jacobian[0] = static_cast<float>(m[0] * r[0] + m[1] * r[2]);
  jacobian[1] = static_cast<float>(m[0] * r[1] + m[1] * r[3]);
  jacobian[2] = static_cast<float>(m[2] * r[0] + m[3] * r[2]);
  jacobian[3] = static_cast<float>(m[2] * r[1] + m[3] * r[3]);
}

double soft_limit(double value, double from, double to) {
  const double size = std::abs(value), room = to - from;
  if (!(size > from))
    return value;
  return std::copysign(from + room * std::tanh((size - from) / room), value);
}

} // namespace fomo
