// SPDX-License-Identifier: LGPL-2.1-or-later
#include "face/turned_region.h"

#include <cmath>

#include <opencv2/imgproc.hpp>

namespace fomo {

Box box_around(const Box& region, double roll) {
  const double c = std::abs(std::cos(roll)), s = std::abs(std::sin(roll));
  const double width = c * region.width + s * region.height;
  const double height = s * region.width + c * region.height;
  return {center(region).x - width / 2, center(region).y - height / 2, width, height};
}

cv::Size size_around(cv::Size pixels, double roll) {
  const Box around = box_around(
      {0, 0, static_cast<double>(pixels.width), static_cast<double>(pixels.height)}, roll);
  constexpr double rounding = 1e-6;
  return {static_cast<int>(std::ceil(around.width - rounding)),
          static_cast<int>(std::ceil(around.height - rounding))};
}

void turn_upright(const cv::Mat& around, const Box& box, const Box& region, double roll,
                  cv::Mat& upright) {
  // From pixels of `upright` to the region, turned to the frame, to pixels of `around`.
  const double c = std::cos(roll), s = std::sin(roll);
  const double in_x = region.width / upright.cols, in_y = region.height / upright.rows;
  const double out_x = around.cols / box.width, out_y = around.rows / box.height;
  const double left = 0.5 * in_x - region.width / 2, top = 0.5 * in_y - region.height / 2;
  const double x = center(region).x - box.x, y = center(region).y - box.y;
  const cv::Matx23d map(c * in_x * out_x, -s * in_y * out_x, (c * left - s * top + x) * out_x - 0.5,
                        s * in_x * out_y, c * in_y * out_y, (s * left + c * top + y) * out_y - 0.5);
  cv::warpAffine(around, upright, map, upright.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
}

Face face_in_frame(const Face& face, const Box& region, double roll, double x_scale,
                   double y_scale) {
  const auto placed = [&](const Point& point) {
    return turned({region.x + point.x * x_scale, region.y + point.y * y_scale}, center(region),
                  roll);
  };
  Face result = face;
  const Point middle = placed(center(face.box));
  result.box.width = face.box.width * x_scale;
  result.box.height = face.box.height * y_scale;
  result.box.x = middle.x - result.box.width / 2;
  result.box.y = middle.y - result.box.height / 2;
  result.roll = roll;
  for (Point& point : result.landmarks)
    point = placed(point);
  return result;
}

} // namespace fomo
