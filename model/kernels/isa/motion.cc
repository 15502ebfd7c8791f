// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/motion.h"

#include "model/kernels/isa/functions.h"

namespace fomo::kernels::FOMO_ISA {

namespace {

FOMO_INLINE float sum_of(v8 x) {
  float sum = 0;
  for (int i = 0; i < kLanes; i++)
    sum += x[i];
  return sum;
}

constexpr int kMostBlocks = channel_blocks(kMostMotions);

/// The coefficients of the motions, one motion in each lane.
struct MotionLanes {
  v8 matrix[4][kMostBlocks], shift[2][kMostBlocks];
  v8 present[kMostBlocks]; ///< added to the logits: 0, or -1e30 in lanes without a motion

  MotionLanes(const LocalMotion* motions, int count) {
    for (int k = 0; k < channel_blocks(count) * kLanes; k++) {
      const LocalMotion motion = k < count ? motions[k] : LocalMotion{};
      for (int i = 0; i < 4; i++)
        matrix[i][k / kLanes][k % kLanes] = motion.matrix[i];
      for (int i = 0; i < 2; i++)
        shift[i][k / kLanes][k % kLanes] = motion.shift[i];
      present[k / kLanes][k % kLanes] = k < count ? 0 : -1e30f;
    }
  }
};

/// The cell below a position.
FOMO_INLINE v8i floor_of(v8 position) {
  const v8i cut = __builtin_convertvector(position, v8i);
  return cut + (__builtin_convertvector(cut, v8) > position); // a comparison is -1 where it holds
}

/// bilinear_taps() of kLanes points, with the same results.
struct TapLanes {
  v8i index[4];
  v8 weight[4];

  FOMO_INLINE TapLanes(v8 x, v8 y, int width, int height, bool align_corners) {
    const auto cells = [&](v8 coordinate, int size) {
      return align_corners ? (coordinate + 1) * 0.5F * float(size - 1)
                           : ((coordinate + 1) * float(size) - 1) * 0.5F;
    };
    v8 cx = cells(x, width), cy = cells(y, height);
    const v8i near = (cx > -1) & (cy > -1) & (cx < float(width)) & (cy < float(height));
    cx = near ? cx : v8{};
    cy = near ? cy : v8{};
    const v8i left = floor_of(cx), top = floor_of(cy);
    const v8 right_share = cx - __builtin_convertvector(left, v8);
    const v8 bottom_share = cy - __builtin_convertvector(top, v8);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      const v8i column = left + (i & 1), row = top + (i >> 1);
      const v8i inside = near & (column >= 0) & (row >= 0) & (column < width) & (row < height);
      index[i] = inside ? row * width + column : v8i{};
      weight[i] = inside ? ((i & 1) ? right_share : 1 - right_share) *
                               ((i >> 1) ? bottom_share : 1 - bottom_share)
                         : v8{};
    }
  }

  /// The blend of the four pixels around point `lane`.
  FOMO_INLINE v4 blend(const float* picture, int lane) const {
    v4 value = {};
    for (int i = 0; i < 4; i++)
      value += splat4(weight[i][lane]) * load4(picture + ptrdiff_t(index[i][lane]) * 4);
    return value;
  }
};

} // namespace

void motion_input_row(const MotionInput& input, const Image& out, int row) {
  const int width = out.width;
  const float y = cell_coordinate(row, out.height);
  for (int k = 0; k < input.count; k++) {
    const LocalMotion motion = input.motions[k];
    float* to = out.block(k / 2) + (ptrdiff_t(row) * width) * kLanes + k % 2 * 4;
    for (int first = 0; first < width; first += kLanes) {
      v8 from_x = {}, from_y = {};
      for (int i = 0; i < kLanes; i++) {
        const float cx = cell_coordinate(first + i, width);
        from_x[i] = motion_x(motion, cx, y);
        from_y[i] = motion_y(motion, cx, y);
      }
      const TapLanes taps(from_x, from_y, width, out.height, input.align_corners);
      for (int x = first; x < min(first + kLanes, width); x++, to += kLanes) {
        v4 value = taps.blend(input.picture, x - first);
        if (k > 0) {
          const ptrdiff_t at = ptrdiff_t(k - 1) * width + x,
                          on = ptrdiff_t(k - 1) * out.height + row;
          value[0] = input.driving.columns[at] * input.driving.rows[on] -
                     input.source.columns[at] * input.source.rows[on];
        }
        store4(to, value);
      }
    }
  }
  if (input.count % 2 == 0)
    return;
  float* rest = out.block(input.count / 2) + ptrdiff_t(row) * width * kLanes + 4;
  for (int x = 0; x < width; x++)
    store4(rest + x * kLanes, v4{});
}

void combine_motions_row(const Image& logits, const LocalMotion* motions, int count,
                         const Flow& flow, int row) {
  const MotionLanes lanes(motions, count);
  const int blocks = channel_blocks(count);
  const v8 y = splat8(cell_coordinate(row, flow.height));
  for (int column = 0; column < flow.width; column++) {
    const ptrdiff_t cell = ptrdiff_t(row) * flow.width + column;
    const v8 x = splat8(cell_coordinate(column, flow.width));
    v8 share[kMostBlocks], top = splat8(-1e30f);
    for (int b = 0; b < blocks; b++) {
      share[b] = load8(logits.block(b) + cell * kLanes) + lanes.present[b];
      top = max(top, share[b]);
    }
    float largest = top[0];
    for (int i = 1; i < kLanes; i++)
      largest = top[i] > largest ? top[i] : largest;
    v8 total = {}, sum_x = {}, sum_y = {};
    float still = 0;
    for (int b = 0; b < blocks; b++) {
      const v8 weight = exp(share[b] - splat8(largest));
      total += weight;
      still = b == 0 ? weight[0] : still;
      sum_x += weight * (lanes.matrix[0][b] * x + lanes.matrix[1][b] * y + lanes.shift[0][b]);
      sum_y += weight * (lanes.matrix[2][b] * x + lanes.matrix[3][b] * y + lanes.shift[1][b]);
    }
    const float scale = 1 / sum_of(total);
    flow.deformation[2 * cell] = sum_of(sum_x) * scale;
    flow.deformation[2 * cell + 1] = sum_of(sum_y) * scale;
    if (flow.background)
      flow.background[cell] = still * scale;
    if (flow.occlusion)
      flow.occlusion[cell] =
          sigmoid(load8(logits.block(count / kLanes) + cell * kLanes))[count % kLanes];
  }
}

void warp_row(const Image& in, const Flow& flow, bool align_corners, const Image& out, int row) {
  constexpr int kStrip = 64;
  BilinearTaps taps[kStrip];
  for (int left = 0; left < out.width; left += kStrip) {
    const int count = min(kStrip, out.width - left);
    const ptrdiff_t cell = ptrdiff_t(row) * out.width + left;
    for (int i = 0; i < count; i++) {
      const float* to = flow.deformation + 2 * (cell + i);
      taps[i] = bilinear_taps(to[0], to[1], in.width, in.height, align_corners);
      for (int t = 0; t < 4; t++) {
        taps[i].index[t] *= kLanes;
        if (flow.occlusion)
          taps[i].weight[t] *= flow.occlusion[cell + i];
      }
    }
    for (int block = 0; block < out.blocks(); block++) {
      const float* from = in.block(block);
      float* to = out.block(block) + cell * kLanes;
      for (int i = 0; i < count; i++) {
        const BilinearTaps& t = taps[i];
        store8(to + i * kLanes, splat8(t.weight[0]) * load8(from + t.index[0]) +
                                    splat8(t.weight[1]) * load8(from + t.index[1]) +
                                    (splat8(t.weight[2]) * load8(from + t.index[2]) +
                                     splat8(t.weight[3]) * load8(from + t.index[3])));
      }
    }
  }
}

void keep_row(const KeptSource& source, int row, float* painted) {
  const Flow& flow = source.flow;
  const ResizeTaps v = resize_taps(row, flow.height, source.height);
  const ptrdiff_t top = ptrdiff_t(v.first) * flow.width, bottom = ptrdiff_t(v.second) * flow.width;
  for (int left = 0; left < source.width; left += kLanes) {
    const int count = min(kLanes, source.width - left);
    v8 from_x = {}, from_y = {}, visible = {};
    for (int i = 0; i < count; i++) {
      const int x = left + i;
      const ResizeTaps h = resize_taps(x, flow.width, source.width);
      const auto resized = [&](const float* map, int step) {
        const auto across = [&](ptrdiff_t line) {
          const float first = map[(line + h.first) * step];
          return first + (map[(line + h.second) * step] - first) * h.share;
        };
        const float above = across(top);
        return above + (across(bottom) - above) * v.share;
      };
      from_x[i] =
          picture_coordinate(resized(flow.deformation, 2), flow.width, source.align_corners);
      from_y[i] =
          picture_coordinate(resized(flow.deformation + 1, 2), flow.height, source.align_corners);
      visible[i] = resized(flow.occlusion, 1);
    }
    const TapLanes taps(from_x, from_y, source.width, source.height, false);
    for (int i = 0; i < count; i++, painted += 3) {
      const v4 moved = taps.blend(source.picture, i);
      for (int c = 0; c < 3; c++)
        painted[c] = kept(painted[c], moved[c], moved[3], visible[i]);
    }
  }
}

} // namespace fomo::kernels::FOMO_ISA
