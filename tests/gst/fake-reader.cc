// SPDX-License-Identifier: LGPL-2.1-or-later
// Lets the fake engine use the real engine's reader of driving frames.
#include "tests/gst/fake-reader.h"

#include "driver/frame_reader.h"

int fake_read(const FomoFrame* frame, const FomoBox* part, const FomoImage* out) {
  constexpr int taps = 4;
  return fomo::FrameReader(*frame).read(*part, taps, *out);
}

void fake_upright_size(const FomoFrame* frame, double* width, double* height) {
  const fomo::FrameReader reader(*frame);
  *width = reader.width();
  *height = reader.height();
}

void fake_to_stored(const FomoFrame* frame, double* x, double* y) {
  const fomo::Point stored = fomo::FrameReader(*frame).to_stored({*x, *y});
  *x = stored.x;
  *y = stored.y;
}

void fake_to_upright(const FomoFrame* frame, double* x, double* y) {
  const fomo::Point upright = fomo::FrameReader(*frame).to_upright({*x, *y});
  *x = upright.x;
  *y = upright.y;
}
