// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "common/geometry.h"

namespace fomo {

/// A face as the detector reports it, from hairline to chin.
struct Face {
  /// In the axes of the face: the box of the face at roll 0, turned about its centre by `roll`.
  Box box{};
  /// Right eye, left eye, tip of the nose, right and left corner of the mouth, as the person calls
  /// them. All are (0, 0) for a face that another element has marked.
  std::array<Point, 5> landmarks{};
  double score = 0; ///< how sure the detector is, 0 to 1
  double roll = 0;  ///< radians; positive: clockwise on the screen; 0 where it was not measured

  bool has_landmarks() const { return landmarks[0].x != landmarks[1].x; }
};

} // namespace fomo
