// SPDX-License-Identifier: LGPL-2.1-or-later
// The part of FrameReader that needs OpenCV.
#include "common/image_mat.h"
#include "driver/frame_reader.h"
#include "face/turned_region.h"

namespace fomo {

bool FrameReader::read(const Box& region, double roll, int taps, const FomoImage& out) const {
  if (roll == 0)
    return read(region, taps, out);
  const Box box = box_around(region, roll);
  cv::Mat around(size_around({out.width, out.height}, roll), CV_8UC(out.channels)),
      upright = as_mat(out);
  if (!read(box, taps, as_image(around)))
    return false;
  turn_upright(around, box, region, roll, upright);
  return true;
}

} // namespace fomo
