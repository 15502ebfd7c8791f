// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/field_lines.h"

#include <algorithm>

#include "compose/detail_bands.h"

namespace fomo::compose {

namespace {

constexpr int kMargin = FourTaps::kMargin;

/// Extrapolates a line at both ends: linearly if `straight`, else with its last values.
void fill_margins(float* line, int count, bool straight) {
  float *first = line + kMargin, *last = first + count - 1;
  const float slope_first = straight && count > 1 ? first[0] - first[1] : 0;
  const float slope_last = straight && count > 1 ? last[0] - last[-1] : 0;
  for (int k = 1; k <= kMargin; k++) {
    first[-k] = first[0] + static_cast<float>(k) * slope_first;
    last[k] = last[0] + static_cast<float>(k) * slope_last;
  }
}

/// Clamps x to [low, high]. NaN becomes `low`.
float bounded(float x, float low, float high) {
  const float above = x > low ? x : low;
  return above < high ? above : high;
}

} // namespace

FieldLines::FieldLines(int field_width, int field_height, int width, int height)
    : field_width_(field_width), field_height_(field_height), width_(width),
      smooth_x_(field_width, width, FourTaps::Curve::cubic),
      smooth_y_(field_height, height, FourTaps::Curve::cubic),
      linear_x_(field_width, width, FourTaps::Curve::linear),
      linear_y_(field_height, height, FourTaps::Curve::linear), padded_(field_width + 2 * kMargin),
      planes_(static_cast<size_t>(plane_count) * (field_height + 2 * kMargin) * width) {}

void FieldLines::start_coordinate(const Lines& lines, const MotionField& field, int axis) {
  const int own_size = axis == 0 ? field.width : field.height;
  const int given = axis == 0 ? field.feature_width : field.feature_height;
  const auto cells = static_cast<float>(given > 0 ? given : own_size);
  const float scale = field.align_corners ? 0.5F * (cells - 1) / cells : 0.5F;
  constexpr float farthest = 3;
  for (int y = 0; y < field_height_; y++) {
    const float* in = field.deformation + static_cast<size_t>(2) * y * field_width_ + axis;
    for (int x = 0; x < field_width_; x++)
      padded_[x + kMargin] = 0.5F + scale * bounded(in[2 * x], -farthest, farthest);
    fill_margins(padded_.data(), field_width_, true);
    smooth_x_.run(lines, padded_.data(), row(axis, y + kMargin));
  }
  const int last = field_height_ - 1 + kMargin;
  for (int k = 1; k <= kMargin; k++) {
    const float inward[2] = {1 + static_cast<float>(k), -static_cast<float>(k)};
    const int step = field_height_ > 1 ? 1 : 0;
    const float* top[2] = {row(axis, kMargin), row(axis, kMargin + step)};
    const float* bottom[2] = {row(axis, last), row(axis, last - step)};
    lines.combine(row(axis, kMargin - k), top, inward, 2, width_);
    lines.combine(row(axis, last + k), bottom, inward, 2, width_);
  }
}

void FieldLines::start_occlusion(const Lines& lines, const MotionField& field) {
  for (int y = -kMargin; y < field_height_ + kMargin; y++) {
    float* out = row(plane_occlusion, y + kMargin);
    if (!field.occlusion) {
      std::fill(out, out + width_, 1.0F);
      continue;
    }
    const float* in =
        field.occlusion + static_cast<size_t>(std::clamp(y, 0, field_height_ - 1)) * field_width_;
    for (int x = 0; x < field_width_; x++)
      padded_[x + kMargin] = bounded(in[x] / kSurelyVisible, 0, 1);
    fill_margins(padded_.data(), field_width_, false);
    linear_x_.run(lines, padded_.data(), out);
  }
}

void FieldLines::start(const Lines& lines, const MotionField& field) {
  start_coordinate(lines, field, plane_u);
  start_coordinate(lines, field, plane_v);
  start_occlusion(lines, field);
}

void FieldLines::line(const Lines& lines, Plane plane, const FourTaps& axis, int y,
                      float* out) const {
  const float* taps[4];
  for (int k = 0; k < 4; k++)
    taps[k] = row(plane, axis.first(y) + k);
  lines.combine(out, taps, axis.weights(y), 4, width_);
}

void FieldLines::coordinates(const Lines& lines, int y, float* u, float* v) const {
  line(lines, plane_u, smooth_y_, y, u);
  line(lines, plane_v, smooth_y_, y, v);
}

void FieldLines::occlusion(const Lines& lines, int y, float* visible) const {
  line(lines, plane_occlusion, linear_y_, y, visible);
}

} // namespace fomo::compose
