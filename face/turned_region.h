// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "common/geometry.h"
#include "face/face.h"

namespace fomo {

/// The upright box around `region`, which is turned by `roll` about its centre.
Box box_around(const Box& region, double roll);

/// Pixels for box_around() of a region that is shown in `pixels`, so that no detail is lost.
cv::Size size_around(cv::Size pixels, double roll);

/// Turns a region upright. `around`: the pixels of `box`, which contains box_around(region, roll),
/// of any size and format; `upright`: allocated, of the same format.
void turn_upright(const cv::Mat& around, const Box& box, const Box& region, double roll,
                  cv::Mat& upright);

/// A face that was found in the pixels of a region that is turned by `roll`, as the frame has it:
/// its box in the axes of the region. `x_scale`, `y_scale`: pixels of the frame for each pixel.
Face face_in_frame(const Face& face, const Box& region, double roll, double x_scale,
                   double y_scale);

} // namespace fomo
