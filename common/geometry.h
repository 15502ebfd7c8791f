// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cmath>

#include "api/engine_api.h"

namespace fomo {

/// A point of a frame or picture, pixels; the centre of the top left pixel is (0.5, 0.5).
struct Point {
  double x = 0, y = 0;
};

/// An axis-parallel rectangle of a frame or picture, pixels (pixel i covers [i, i + 1)). It may
/// reach beyond the border.
using Box = FomoBox;

/// A square of a frame or picture, given by its centre and side in pixels. It may reach beyond the
/// border. Size 0 means that there is no square.
struct Square {
  double cx = 0, cy = 0, size = 0;
  double roll = 0; ///< turned about its centre, radians; positive: clockwise on the screen
};

/// The centre of a box, pixels.
inline Point center(const Box& box) { return {box.x + box.width / 2, box.y + box.height / 2}; }
/// The area of a box, square pixels.
inline double area(const Box& box) { return box.width * box.height; }

/// The area of the intersection of two boxes, square pixels.
inline double common_area(const Box& a, const Box& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

/// Intersection over union of two boxes, 0 to 1.
inline double overlap(const Box& a, const Box& b) {
  const double common = common_area(a, b);
  return common > 0 ? common / (area(a) + area(b) - common) : 0;
}

/// Whether there is no square (its size is 0).
inline bool is_empty(const Square& square) { return !(square.size > 0); }
inline bool operator==(const Square& a, const Square& b) {
  return a.cx == b.cx && a.cy == b.cy && a.size == b.size && a.roll == b.roll;
}
/// The same square as a box, without its roll.
inline Box box_of(const Square& square) {
  return {square.cx - square.size / 2, square.cy - square.size / 2, square.size, square.size};
}

constexpr double kPi = 3.14159265358979323846;

/// An angle in (-pi, pi].
inline double wrapped(double angle) { return std::remainder(angle, 2 * kPi); }
/// Whether an angle is a multiple of a quarter turn.
inline bool is_quarter_turn(double angle) {
  return std::abs(std::remainder(angle, kPi / 2)) < 1e-9;
}
/// `point` turned by `roll` about `middle`; positive: clockwise on the screen.
inline Point turned(const Point& point, const Point& middle, double roll) {
  if (roll == 0)
    return point;
  const double c = std::cos(roll), s = std::sin(roll);
  const double x = point.x - middle.x, y = point.y - middle.y;
  return {middle.x + c * x - s * y, middle.y + s * x + c * y};
}
/// Sides of the upright box around a square that is turned by `roll`, in sides of the square.
inline double turned_extent(double roll) {
  return roll == 0 ? 1 : std::abs(std::cos(roll)) + std::abs(std::sin(roll));
}

} // namespace fomo
