// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>

namespace fomo {

/// A point of a picture, pixels; the centre of the top left pixel is (0.5, 0.5).
struct FacePoint {
  double x = 0, y = 0;
};

/// An upright rectangle of a picture, pixels.
struct FaceBox {
  double x = 0, y = 0, width = 0, height = 0;

  double cx() const { return x + width / 2; }
  double cy() const { return y + height / 2; }
  double area() const { return width * height; }
};

/// A face as the detector reports it, from hairline to chin.
struct Face {
  FaceBox box;
  /// Right eye, left eye, tip of the nose, right and left corner of the mouth (the person's own
  /// right and left). All (0, 0) where a face comes from elsewhere and has none.
  std::array<FacePoint, 5> landmarks{};
  double score = 0; ///< how sure the detector is, 0 to 1

  bool has_landmarks() const { return landmarks[0].x != landmarks[1].x; }
};

/// The area that two boxes have in common.
double common_area(const FaceBox& a, const FaceBox& b);

/// Intersection over union, 0 to 1.
double overlap(const FaceBox& a, const FaceBox& b);

} // namespace fomo
