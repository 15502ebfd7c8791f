// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>

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
using Square = FomoSquare;

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
  return a.cx == b.cx && a.cy == b.cy && a.size == b.size;
}
/// The same square as a box.
inline Box box_of(const Square& square) {
  return {square.cx - square.size / 2, square.cy - square.size / 2, square.size, square.size};
}

} // namespace fomo
