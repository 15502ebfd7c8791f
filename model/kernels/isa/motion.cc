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

} // namespace

void motion_input_row(const MotionInput& input, const Image& out, int row) {
  const int width = out.width;
  const float y = cell_coordinate(row, out.height);
  for (int k = 0; k < input.count; k++) {
    const LocalMotion motion = input.motions[k];
    float* to = out.block(k / 2) + (ptrdiff_t(row) * width) * kLanes + k % 2 * 4;
    for (int x = 0; x < width; x++, to += kLanes) {
      const float cx = cell_coordinate(x, width);
      const BilinearTaps taps = bilinear_taps(motion_x(motion, cx, y), motion_y(motion, cx, y),
                                              width, out.height, input.align_corners);
      v4 value = {};
      for (int i = 0; i < 4; i++) {
        const float w = taps.weight[i];
        value += splat4(w) * load4(input.picture + ptrdiff_t(taps.index[i]) * 4);
      }
      if (k > 0) {
        const ptrdiff_t at = ptrdiff_t(k - 1) * width + x, on = ptrdiff_t(k - 1) * out.height + row;
        value[0] = input.driving.columns[at] * input.driving.rows[on] -
                   input.source.columns[at] * input.source.rows[on];
      }
      store4(to, value);
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
  for (int x = 0; x < source.width; x++, painted += 3) {
    const ResizeTaps h = resize_taps(x, flow.width, source.width);
    const auto resized = [&](const float* map, int step) {
      const auto across = [&](ptrdiff_t line) {
        const float first = map[(line + h.first) * step];
        return first + (map[(line + h.second) * step] - first) * h.share;
      };
      const float above = across(top);
      return above + (across(bottom) - above) * v.share;
    };
    const BilinearTaps taps = bilinear_taps(
        picture_coordinate(resized(flow.deformation, 2), flow.width, source.align_corners),
        picture_coordinate(resized(flow.deformation + 1, 2), flow.height, source.align_corners),
        source.width, source.height, false);
    v4 moved = {};
    for (int i = 0; i < 4; i++) {
      const float w = taps.weight[i];
      moved += splat4(w) * load4(source.picture + ptrdiff_t(taps.index[i]) * 4);
    }
    const float visible = resized(flow.occlusion, 1);
    for (int c = 0; c < 3; c++)
      painted[c] = kept(painted[c], moved[c], moved[3], visible);
  }
}

} // namespace fomo::kernels::FOMO_ISA
