// SPDX-License-Identifier: LGPL-2.1-or-later
#include "face/face.h"

#include <algorithm>

namespace fomo {

double common_area(const FaceBox& a, const FaceBox& b) {
  const double width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const double height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  return width > 0 && height > 0 ? width * height : 0;
}

double overlap(const FaceBox& a, const FaceBox& b) {
  const double common = common_area(a, b);
  return common > 0 ? common / (a.area() + b.area() - common) : 0;
}

} // namespace fomo
