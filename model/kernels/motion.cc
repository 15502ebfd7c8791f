// SPDX-License-Identifier: LGPL-2.1-or-later
#include "model/kernels/motion.h"

namespace fomo::kernels {

namespace {

/// Smaller values of a Gaussian are zero. Products of two of them would be subnormal numbers, with
/// which processors compute many times slower.
constexpr float kLeastHeat = 1e-12F;

float cut(float heat) { return heat < kLeastHeat ? 0 : heat; }

} // namespace

void fill_heatmaps(const float* keypoints, int count, float variance, int width, int height,
                   float* columns, float* rows) {
  const float scale = gaussian_scale(variance);
  for (int k = 0; k < count; k++) {
    for (int x = 0; x < width; x++)
      *columns++ = cut(gaussian(cell_coordinate(x, width) - keypoints[2 * k], 0, scale));
    for (int y = 0; y < height; y++)
      *rows++ = cut(gaussian(0, cell_coordinate(y, height) - keypoints[2 * k + 1], scale));
  }
}

void build_motion_input(const MotionInput& input, const Image& out, const Executor& executor) {
  executor.parallel_rows(out.height,
                         [&](int row) { executor.kernels->motion_input_row(input, out, row); });
}

void combine_motions(const Image& logits, const LocalMotion* motions, int count, const Flow& flow,
                     const Executor& executor) {
  executor.parallel_rows(flow.height, [&](int row) {
    executor.kernels->combine_motions_row(logits, motions, count, flow, row);
  });
}

namespace {

/// Computes one row of a resized map with `channels` interleaved values.
void resize_row(const float* from, int height, int width, int channels, float* to, int to_height,
                int to_width, int row) {
  const ResizeTaps v = resize_taps(row, height, to_height);
  const float* top = from + ptrdiff_t(v.first) * width * channels;
  const float* bottom = from + ptrdiff_t(v.second) * width * channels;
  to += ptrdiff_t(row) * to_width * channels;
  for (int x = 0; x < to_width; x++) {
    const ResizeTaps h = resize_taps(x, width, to_width);
    for (int c = 0; c < channels; c++) {
      const int a = h.first * channels + c, b = h.second * channels + c;
      const float above = top[a] + (top[b] - top[a]) * h.share,
                  below = bottom[a] + (bottom[b] - bottom[a]) * h.share;
      *to++ = above + (below - above) * v.share;
    }
  }
}

} // namespace

void resize_flow(const Flow& from, const Flow& to, const Executor& executor) {
  executor.parallel_rows(to.height, [&](int row) {
    resize_row(from.deformation, from.height, from.width, 2, to.deformation, to.height, to.width,
               row);
    if (from.occlusion)
      resize_row(from.occlusion, from.height, from.width, 1, to.occlusion, to.height, to.width,
                 row);
  });
}

void warp(const Image& in, const Flow& flow, bool align_corners, const Image& out,
          const Executor& executor) {
  executor.parallel_rows(
      out.height, [&](int row) { executor.kernels->warp_row(in, flow, align_corners, out, row); });
}

} // namespace fomo::kernels
