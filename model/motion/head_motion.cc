// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/motion/head_motion.h"

#include <algorithm>
#include <cmath>

#include "model/motion/head_fit.h"

namespace fomo {

namespace {

/// The surface of the average head without hair, decimetres: centre and half axes of an ellipsoid.
constexpr HeadPoint kCentre{0, -0.9, 0.35}, kAxes{0.75, 1.15, 1.0};
/// Heights in the head's coordinates between which the head ends and the neck begins: jaw and chin.
constexpr double kJaw = -0.4, kNeck = -0.05;
/// Outside of the ellipsoid's outline the motion fades over this difference (0 at the outline, 1 at
/// its centre's distance to the outline beyond it).
constexpr double kOutside = 0.1;
/// In the keypoints' units: so far around the hull of the face's keypoints the dense motion stays,
/// and over this distance the head's motion replaces it.
constexpr double kFaceMargin = 0.03, kFaceEdge = 0.04;

/// 1 up to `from`, 0 from `to` on.
double fall(double value, double from, double to) {
  const double t = 1 - std::clamp((value - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

/// A point of the ellipsoid in the head's coordinates.
struct Surface {
  HeadPoint point;
  double outside; ///< how far the line of sight misses the ellipsoid; 0 or less: it does not
};

/// Where the line of sight through (x, y) of the turned head meets the ellipsoid first, or comes
/// nearest to its centre. `back`: the inverse of the head's turn.
Surface seen_at(const Turn& back, double x, double y) {
  const HeadPoint from = back * HeadPoint{x, y, 0}, along = back * HeadPoint{0, 0, 1};
  const HeadPoint a{(from.x - kCentre.x) / kAxes.x, (from.y - kCentre.y) / kAxes.y,
                    (from.near - kCentre.near) / kAxes.near};
  const HeadPoint b{along.x / kAxes.x, along.y / kAxes.y, along.near / kAxes.near};
  const double bb = b.x * b.x + b.y * b.y + b.near * b.near;
  const double ab = a.x * b.x + a.y * b.y + a.near * b.near;
  const double outside = a.x * a.x + a.y * a.y + a.near * a.near - 1 - ab * ab / bb;
  const double near = (-ab + std::sqrt(std::max(0.0, -outside * bb))) / bb;
  return {{from.x + near * along.x, from.y + near * along.y, from.near + near * along.near},
          outside};
}

} // namespace

HeadMotion::HeadMotion(int width, int height)
    : width_(width), height_(height), cells_(static_cast<size_t>(width) * height) {}

bool HeadMotion::prepare(const KeypointSet& source, const KeypointSet& driving) {
  std::fill(cells_.begin(), cells_.end(), HeadCell{});
  if (!have_names(source) || driving.value.size() != source.value.size())
    return false;
  // With the forehead, which is the first keypoint behind those of the face.
  const std::vector<Point2> hull = convex_hull(driving.value.data(), landmark::kFaceLandmarks + 1);
  if (hull.size() < 3)
    return false;
  const HeadFit head = fit_head(source, driving);
  const Turn back = inverse(head.moved.turn);
  auto* cell = cells_.data();
  for (int row = 0; row < height_; row++)
    for (int column = 0; column < width_; column++, cell++) {
      const double x = cell_coordinate(column, width_), y = cell_coordinate(row, height_);
      const Surface surface = seen_at(back, (x - head.moved.x) / head.moved.scale,
                                      (y - head.moved.y) / head.moved.scale);
      const HeadPoint place = project(head.still, surface.point);
      const double outside_face = -depth_in_hull(hull, x, y) - kFaceMargin;
      cell->x = static_cast<float>(place.x);
      cell->y = static_cast<float>(place.y);
      cell->weight = static_cast<float>(fall(surface.point.y, kJaw, kNeck) *
                                        fall(surface.outside, 0, kOutside) *
                                        std::clamp(outside_face / kFaceEdge, 0.0, 1.0));
      cell->face = outside_face < 0 ? 1 : 0;
      cell->decay = gaussian(static_cast<float>(std::max(0.0, outside_face)), 0,
                             gaussian_scale(kHeadSigma * kHeadSigma));
    }
  return true;
}

/// Fills `sums_`: the weight 1 on the face, and there what the dense motion differs from the
/// head's.
void HeadMotion::find_differences(const float* deformation) {
  sums_.resize(3 * cells_.size());
  float* sum = sums_.data();
  for (const HeadCell& cell : cells_) {
    *sum++ = cell.face;
    *sum++ = cell.face * (*deformation++ - cell.x);
    *sum++ = cell.face * (*deformation++ - cell.y);
  }
}

/// Convolves `sums_` with a Gaussian of kHeadSigma, not normalised.
void HeadMotion::blur() {
  const auto weights = [](int size) {
    const float step = 2.0F / static_cast<float>(size - 1);
    std::vector<float> half(static_cast<size_t>(3 * kHeadSigma / step) + 2);
    for (size_t i = 0; i < half.size(); i++)
      half[i] = gaussian(static_cast<float>(i) * step, 0, gaussian_scale(kHeadSigma * kHeadSigma));
    return half;
  };
  const auto convolve = [](const std::vector<float>& half, int size, const float* in,
                           ptrdiff_t stride, float* out) {
    const int reach = static_cast<int>(half.size()) - 1;
    for (int i = 0; i < size; i++)
      for (int c = 0; c < 3; c++) {
        float sum = 0;
        for (int j = std::max(0, i - reach); j <= std::min(size - 1, i + reach); j++)
          sum += half[std::abs(j - i)] * in[j * stride + c];
        out[i * stride + c] = sum;
      }
  };
  lines_.resize(sums_.size());
  const std::vector<float> across = weights(width_), down = weights(height_);
  const ptrdiff_t row = ptrdiff_t{3} * width_;
  for (int y = 0; y < height_; y++)
    convolve(across, width_, &sums_[y * row], 3, &lines_[y * row]);
  for (int x = 0; x < width_; x++)
    convolve(down, height_, &lines_[ptrdiff_t{3} * x], row, &sums_[ptrdiff_t{3} * x]);
}

void HeadMotion::apply(float* deformation, float* background) {
  find_differences(deformation);
  blur();
  const float* sum = sums_.data();
  for (const HeadCell& cell : cells_) {
    const float share = head_share(cell, *background);
    deformation[0] = with_head(deformation[0], cell.x, sum[1], sum[0], cell.decay, share);
    deformation[1] = with_head(deformation[1], cell.y, sum[2], sum[0], cell.decay, share);
    *background++ *= 1 - share;
    deformation += 2;
    sum += 3;
  }
}

} // namespace fomo
