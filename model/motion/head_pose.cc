// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/head_pose.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace fomo {

namespace {

constexpr int kUnknowns = 6; // three angles, the logarithm of the scale, x, y
using Row = std::array<double, kUnknowns>;

/// The normal equations of a least-squares problem.
struct Equations {
  std::array<Row, kUnknowns> matrix{};
  Row right{};

  /// Adds the equation row * unknowns = value.
  void add(const Row& row, double value, double weight) {
    for (size_t i = 0; i < kUnknowns; i++) {
      for (size_t j = 0; j < kUnknowns; j++)
        matrix[i][j] += weight * row[i] * row[j];
      right[i] += weight * row[i] * value;
    }
  }

  /// Gaussian elimination. The matrix is positive definite, because every unknown has a weight of
  /// its own; so no pivot is searched for.
  Row solve() {
    for (size_t i = 0; i < kUnknowns; i++)
      for (size_t j = i + 1; j < kUnknowns; j++) {
        const double factor = matrix[j][i] / matrix[i][i];
        for (size_t k = i; k < kUnknowns; k++)
          matrix[j][k] -= factor * matrix[i][k];
        right[j] -= factor * right[i];
      }
    Row result{};
    for (size_t i = kUnknowns; i-- > 0;) {
      double sum = right[i];
      for (size_t k = i + 1; k < kUnknowns; k++)
        sum -= matrix[i][k] * result[k];
      result[i] = sum / matrix[i][i];
    }
    return result;
  }
};

/// Axis times angle of a turn.
HeadPoint rotation_vector(const Turn& t) {
  const double cosine = std::clamp((t[0] + t[4] + t[8] - 1) / 2, -1.0, 1.0);
  const double angle = std::acos(cosine), sine = std::sin(angle);
  // Half a turn has no unique axis. No head turns that far.
  const double factor = sine > 1e-9 ? angle / (2 * sine) : 0.5;
  return {factor * (t[7] - t[5]), factor * (t[2] - t[6]), factor * (t[3] - t[1])};
}

/// The turn about the axis v by the angle |v| (Rodrigues' formula).
Turn turn_about(const HeadPoint& v) {
  const double angle = std::sqrt(v.x * v.x + v.y * v.y + v.near * v.near);
  const double s = angle > 1e-9 ? std::sin(angle) / angle : 1;
  const double c = angle > 1e-9 ? (1 - std::cos(angle)) / (angle * angle) : 0.5;
  const double a = v.x, b = v.y, n = v.near;
  return {{1 - c * (b * b + n * n), c * a * b - s * n, c * a * n + s * b, c * a * b + s * n,
           1 - c * (a * a + n * n), c * b * n - s * a, c * a * n - s * b, c * b * n + s * a,
           1 - c * (a * a + b * b)}};
}

} // namespace

HeadPoint operator*(const Turn& t, const HeadPoint& p) {
  return {t[0] * p.x + t[1] * p.y + t[2] * p.near, t[3] * p.x + t[4] * p.y + t[5] * p.near,
          t[6] * p.x + t[7] * p.y + t[8] * p.near};
}

Turn operator*(const Turn& a, const Turn& b) {
  Turn product{};
  for (size_t i = 0; i < 3; i++)
    for (size_t j = 0; j < 3; j++)
      for (size_t k = 0; k < 3; k++)
        product[3 * i + j] += a[3 * i + k] * b[3 * k + j];
  return product;
}

Turn inverse(const Turn& t) { return {{t[0], t[3], t[6], t[1], t[4], t[7], t[2], t[5], t[8]}}; }

Turn turn_by(double yaw, double pitch, double roll) {
  return turn_about({0, yaw, 0}) * turn_about({pitch, 0, 0}) * turn_about({0, 0, roll});
}

Turn power(const Turn& turn, double exponent) {
  const HeadPoint v = rotation_vector(turn);
  return turn_about({exponent * v.x, exponent * v.y, exponent * v.near});
}

HeadPoint project(const HeadPose& pose, const HeadPoint& point) {
  const HeadPoint turned = pose.turn * point;
  return {pose.x + pose.scale * turned.x, pose.y + pose.scale * turned.y, pose.scale * turned.near};
}

HeadPose fit_head_pose(const std::vector<HeadPoint>& shape, const float* points,
                       const std::vector<double>& weights, const HeadPose& start) {
  constexpr int rounds = 12;
  // In units of the scale: an error of this size has half the weight of a small one.
  constexpr double outlier = 0.12;
  // Weights of the turn of `start` and, so that there is always a solution, of the other unknowns.
  constexpr double prior = 0.005, tiny = 1e-9;
  HeadPose pose = start;
  for (int round = 0; round < rounds; round++) {
    Equations equations;
    for (size_t k = 0; k < shape.size(); k++) {
      const HeadPoint turned = pose.turn * shape[k];
      // Everything is divided by the scale, so that the weights do not depend on it.
      const double error_x = (points[2 * k] - pose.x) / pose.scale - turned.x,
                   error_y = (points[2 * k + 1] - pose.y) / pose.scale - turned.y;
      const double size = std::hypot(error_x, error_y) / outlier;
      const double weight = weights[k] / (1 + size * size);
      // A small turn by (a, b, c) moves (x, y, near) by (b near - c y, c x - a near, ...).
      equations.add({0, turned.near, -turned.y, turned.x, 1, 0}, error_x, weight);
      equations.add({-turned.near, 0, turned.x, turned.y, 0, 1}, error_y, weight);
    }
    const HeadPoint back = rotation_vector(start.turn * inverse(pose.turn));
    equations.add({1, 0, 0, 0, 0, 0}, back.x, prior);
    equations.add({0, 1, 0, 0, 0, 0}, back.y, prior);
    equations.add({0, 0, 1, 0, 0, 0}, back.near, prior);
    for (size_t i = 3; i < kUnknowns; i++) {
      Row row{};
      row[i] = 1;
      equations.add(row, 0, tiny);
    }
    const Row step = equations.solve();
    pose.turn = turn_about({step[0], step[1], step[2]}) * pose.turn;
    pose.x += pose.scale * step[4];
    pose.y += pose.scale * step[5];
    pose.scale *= std::exp(std::clamp(step[3], -1.0, 1.0));
  }
  return pose;
}

} // namespace fomo
