// SPDX-License-Identifier: LGPL-2.1-or-later
#include "face/upright.h"

#include <algorithm>
#include <cmath>

namespace fomo {

namespace {

constexpr double quarter = kPi / 2, degree = kPi / 180;
constexpr double face_share = 0.5; ///< of the square's side
/// An upright face scores as much and looks turned by less.
constexpr double sure_score = 0.9, sure_roll = 8 * degree;
/// A face at another roll must score so much more than the one that is not turned: in doubt a face
/// is taken as it is.
constexpr double advantage = 0.02, least_turned_score = 0.7;

} // namespace

double apparent_roll(const Face& face) {
  const auto& [right_eye, left_eye, nose, right_mouth, left_mouth] = face.landmarks;
  return std::atan2(right_eye.x + left_eye.x - right_mouth.x - left_mouth.x,
                    right_mouth.y + left_mouth.y - right_eye.y - left_eye.y);
}

std::optional<Face> seen_at_roll(const Box& box, double roll, const SquareDetector& detect) {
  constexpr double farthest = 0.25, largest = 2; // sides of the square, ratio of sizes
  const double extent = std::sqrt(area(box)), side = extent / face_share;
  std::optional<Face> best;
  for (Face& face : detect({center(box).x, center(box).y, side, roll})) {
    const double ratio = std::sqrt(area(face.box)) / extent;
    const double distance =
        std::hypot(center(face.box).x - center(box).x, center(face.box).y - center(box).y);
    if (distance < farthest * side && ratio < largest && ratio > 1 / largest &&
        (!best || face.score > best->score)) {
      best = face;
      best->roll = roll;
    }
  }
  return best;
}

namespace {

/// Turns on until the face looks upright.
Face converged(Face face, const SquareDetector& detect) {
  constexpr int rounds = 6;
  constexpr double close = 2.5 * degree, gain = 1.3;
  for (int round = 0; round < rounds; round++) {
    const double left = wrapped(apparent_roll(face) - face.roll);
    if (std::abs(left) < close)
      break;
    const auto next = seen_at_roll(face.box, wrapped(face.roll + gain * left), detect);
    if (!next)
      break;
    face = *next;
  }
  return face;
}

} // namespace

std::optional<Face> turned_upright(const Box& box, double roll, const SquareDetector& detect) {
  std::optional<Face> best = seen_at_roll(box, roll, detect);
  const bool sure = best && best->score >= sure_score &&
                    std::abs(wrapped(apparent_roll(*best) - roll)) < sure_roll;
  double best_score = best ? best->score + advantage : 0;
  const auto consider = [&](double turn) {
    const auto face = seen_at_roll(best ? best->box : box, wrapped(turn), detect);
    if (!face || face->score <= best_score || face->score < least_turned_score)
      return;
    best = face;
    best_score = face->score;
  };
  if (!sure)
    for (const double turn : {quarter, -quarter})
      consider(roll + turn);
  consider(roll + 2 * quarter);
  if (!best)
    return best;
  const bool turned_over = best->roll != roll;
  const Face face = converged(*best, detect);
  if (!turned_over && sure)
    return face;
  // A face upside down looks upright too, with a lower score.
  const auto other = seen_at_roll(face.box, wrapped(face.roll + 2 * quarter), detect);
  return other && other->score > face.score ? converged(*other, detect) : face;
}

double roll_to_remove(double roll, double least) {
  const double nearest = quarter * std::round(roll / quarter);
  return std::abs(roll - nearest) < least ? wrapped(nearest) : roll;
}

} // namespace fomo
