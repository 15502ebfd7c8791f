// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/frame_layout.h"

namespace fomo {

void FrameLayout::to_driving(double& x, double& y) const {
  const GstVideoRectangle shown = output_rect();
  const double right = (x - shown.x) / shown.w, down = (y - shown.y) / shown.h;
  x = in.width * (footprint.x + right * footprint.right_x + down * footprint.down_x);
  y = in.height * (footprint.y + right * footprint.right_y + down * footprint.down_y);
}

} // namespace fomo
