// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

#include "common/geometry.h"

namespace fomo {

/// A face as the detector reports it, from hairline to chin.
struct Face {
  Box box{};
  /// Right eye, left eye, tip of the nose, right and left corner of the mouth (the person's own
  /// right and left). All (0, 0) where a face comes from elsewhere and has none.
  std::array<Point, 5> landmarks{};
  double score = 0; ///< how sure the detector is, 0 to 1

  bool has_landmarks() const { return landmarks[0].x != landmarks[1].x; }
};

} // namespace fomo
