// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>

#include "common/host_device.h"

/// The arithmetic of one cell between the convolutions, for CPU loops and CUDA kernels. Coordinates
/// are those of grid_sample: -1 to 1 over the picture.
namespace fomo {

/// The coordinate of cell `index` of `size`. The centres of the outermost cells are at -1 and 1:
/// FOMM builds its grids so, whatever align_corners of grid_sample is.
FOMO_HD float cell_coordinate(int index, int size) {
  return 2.0F * float(index) / float(size - 1) - 1.0F;
}

/// The argument `scale` of gaussian(): -1 / (2 variance).
FOMO_HD float gaussian_scale(float variance) { return -0.5F / variance; }

/// The heatmap of equation (6) at the distance (dx, dy) from its keypoint.
FOMO_HD float gaussian(float dx, float dy, float scale) {
  return expf((dx * dx + dy * dy) * scale);
}

/// A local motion T_{S<-D}(z) = matrix z + shift (equations (4) and (5)).
struct LocalMotion {
  float matrix[4]; ///< row-major
  float shift[2];
};

FOMO_HD float motion_x(const LocalMotion& m, float x, float y) {
  return m.matrix[0] * x + m.matrix[1] * y + m.shift[0];
}
FOMO_HD float motion_y(const LocalMotion& m, float x, float y) {
  return m.matrix[2] * x + m.matrix[3] * y + m.shift[1];
}

/// The four cells around a point and their weights. Cells outside have weight 0 and index 0.
struct BilinearTaps {
  int index[4]; ///< y * width + x
  float weight[4];
};

/// The position of a coordinate, in cells; `align_corners` as in grid_sample.
FOMO_HD float cell_of(float coordinate, int size, bool align_corners) {
  return align_corners ? (coordinate + 1) * 0.5F * float(size - 1)
                       : ((coordinate + 1) * float(size) - 1) * 0.5F;
}

/// The bilinear interpolation of grid_sample with padding_mode="zeros", at (x, y) in [-1, 1]. NaN
/// counts as outside.
FOMO_HD BilinearTaps bilinear_taps(float x, float y, int width, int height, bool align_corners) {
  const float cx = cell_of(x, width, align_corners), cy = cell_of(y, height, align_corners);
  BilinearTaps taps = {};
  if (!(cx > -1 && cy > -1 && cx < float(width) && cy < float(height)))
    return taps;
  const float floor_x = floorf(cx), floor_y = floorf(cy);
  const int left = int(floor_x), top = int(floor_y);
  const float right_share = cx - floor_x, bottom_share = cy - floor_y;
  for (int i = 0; i < 4; i++) {
    const int column = left + (i & 1), row = top + (i >> 1);
    const bool inside = column >= 0 && row >= 0 && column < width && row < height;
    taps.index[i] = inside ? row * width + column : 0;
    taps.weight[i] = inside ? ((i & 1) ? right_share : 1 - right_share) *
                                  ((i >> 1) ? bottom_share : 1 - bottom_share)
                            : 0;
  }
  return taps;
}

/// The two cells that output `index` blends when `from` cells are resized to `to` with half-pixel
/// centres and repeated edges, and the weight of the second one.
struct ResizeTaps {
  int first, second;
  float share;
};
FOMO_HD ResizeTaps resize_taps(int index, int from, int to) {
  const float place = (float(index) + 0.5F) * (float(from) / float(to)) - 0.5F;
  const float clamped = place > 0 ? place : 0;
  const int whole = int(clamped);
  const int first = whole < from ? whole : from - 1;
  return {first, first + 1 < from ? first + 1 : first, clamped - float(first)};
}

/// Converts a coordinate on a map of `size` cells to a coordinate on the picture that the cells
/// divide, for grid_sample without align_corners. With `align_corners` the centres of the outermost
/// cells are at -1 and 1, otherwise their outer edges.
FOMO_HD float picture_coordinate(float coordinate, int size, bool align_corners) {
  return align_corners ? coordinate * (float(size - 1) / float(size)) : coordinate;
}

/// A generated value with the pixel of the source over it: the warped source value `moved` has the
/// weight `visible`. `inside` is the part of `moved` that lies within the source, 0 to 1; `moved`
/// is already multiplied by it.
FOMO_HD float kept(float painted, float moved, float inside, float visible) {
  return painted + visible * (moved - inside * painted);
}

/// Interpolates from `value` (weight 0) to `still` (weight 1).
FOMO_HD float held(float value, float still, float weight) {
  return value + weight * (still - value);
}

/// What HeadMotion knows of a cell of the dense motion before the dense motion itself.
struct HeadCell {
  float x, y;   ///< where the head's surface at this cell is in the source, -1 to 1
  float weight; ///< share of the head's motion, unless the cell shows background: 0 to 1
  float face;   ///< 1 on the face, whose dense motion is right; 0 elsewhere
  float decay;  ///< how much the motion of the face next to the cell counts here: 0 to 1
};

/// Standard deviation of the Gaussian that finds the motion of the face next to a cell, in the
/// coordinates of keypoints.
constexpr float kHeadSigma = 0.05F;

/// The share of the head's motion in a cell whose mask of the background is `background`.
FOMO_HD float head_share(const HeadCell& cell, float background) {
  constexpr float maybe = 0.55F, surely = 0.85F;
  const float behind = (background - maybe) / (surely - maybe);
  const float share = behind > 0 ? (behind < 1 ? 1 - behind : 0.0F) : 1.0F;
  return cell.weight * share * share * (3 - 2 * share);
}

/// A coordinate of the dense motion with the head's motion. `moved`: the coordinate before; `head`:
/// HeadCell::x or y; `differs`: the weighted sum of what the dense motion of the face differs from
/// the head's, `sum`: of the weights.
FOMO_HD float with_head(float moved, float head, float differs, float sum, float decay,
                        float share) {
  const float correction = sum > 1e-9F ? decay * differs / sum : 0;
  return moved + share * (head + correction - moved);
}

/// Converts a value in [0, 1] to 8 bits. Halves are rounded to even.
FOMO_HD unsigned char level_of(float value) {
  const float level = value * 255.0F;
  return static_cast<unsigned char>(rintf(level > 0 ? (level < 255 ? level : 255.0F) : 0.0F));
}

} // namespace fomo
