// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/orientation.h"

#include <cstring>

namespace fomo {

Place stored_place(GstVideoOrientationMethod method, Place p) {
  switch (method) {
  case GST_VIDEO_ORIENTATION_90R:
    return {p.y, 1 - p.x};
  case GST_VIDEO_ORIENTATION_180:
    return {1 - p.x, 1 - p.y};
  case GST_VIDEO_ORIENTATION_90L:
    return {1 - p.y, p.x};
  case GST_VIDEO_ORIENTATION_HORIZ:
    return {1 - p.x, p.y};
  case GST_VIDEO_ORIENTATION_VERT:
    return {p.x, 1 - p.y};
  case GST_VIDEO_ORIENTATION_UL_LR:
    return {p.y, p.x};
  case GST_VIDEO_ORIENTATION_UR_LL:
    return {1 - p.y, 1 - p.x};
  default:
    return p;
  }
}

Place upright_place(GstVideoOrientationMethod method, Place stored) {
  // All but the quarter turns undo themselves.
  const auto back = method == GST_VIDEO_ORIENTATION_90R   ? GST_VIDEO_ORIENTATION_90L
                    : method == GST_VIDEO_ORIENTATION_90L ? GST_VIDEO_ORIENTATION_90R
                                                          : method;
  return stored_place(back, stored);
}

bool swaps_sides(GstVideoOrientationMethod method) {
  return method == GST_VIDEO_ORIENTATION_90R || method == GST_VIDEO_ORIENTATION_90L ||
         method == GST_VIDEO_ORIENTATION_UL_LR || method == GST_VIDEO_ORIENTATION_UR_LL;
}

void turn_upright(GstVideoOrientationMethod method, const FomoImage& stored,
                  const FomoImage& upright) {
  for (int y = 0; y < upright.height; y++) {
    uint8_t* out = upright.data + y * upright.stride;
    for (int x = 0; x < upright.width; x++, out += 3) {
      // Pixel centres map to pixel centres, so cutting off the fraction finds the pixel.
      const Place from =
          stored_place(method, {(x + 0.5) / upright.width, (y + 0.5) / upright.height});
      const auto column = static_cast<int>(from.x * stored.width);
      const auto row = static_cast<int>(from.y * stored.height);
      std::memcpy(out, stored.data + row * stored.stride + column * 3, 3);
    }
  }
}

} // namespace fomo
