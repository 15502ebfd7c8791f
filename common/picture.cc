// SPDX-License-Identifier: LGPL-2.1-or-later
#include "common/picture.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace fomo {

namespace {

/// Straight alpha over mid grey: what shows through neither drags the encoder to black nor to
/// white.
cv::Mat without_alpha(const cv::Mat& rgba) {
  cv::Mat rgb(rgba.size(), CV_8UC3);
  for (int y = 0; y < rgba.rows; y++) {
    const auto* in = rgba.ptr<cv::Vec4b>(y);
    auto* out = rgb.ptr<cv::Vec3b>(y);
    for (int x = 0; x < rgba.cols; x++)
      for (int c = 0; c < 3; c++)
        out[x][c] =
            static_cast<uint8_t>((in[x][c] * in[x][3] + 128 * (255 - in[x][3]) + 127) / 255);
  }
  return rgb;
}

cv::Mat as_mat(const Picture& picture) {
  return cv::Mat(picture.height, picture.width, CV_8UC(picture.channels),
                 const_cast<uint8_t*>(picture.pixels.data()));
}

} // namespace

Region crop_region(FomoCrop crop, int width, int height) {
  if (crop == FOMO_CROP_NONE)
    return {0, 0, width, height};
  const int side = std::min(width, height);
  return {(width - side) / 2, (height - side) / 2, side, side};
}

std::vector<uint8_t> resize_region(const Picture& picture, const Region& region, int width,
                                   int height) {
  cv::Mat part = as_mat(picture)(cv::Rect(region.x, region.y, region.width, region.height));
  if (part.channels() == 4)
    part = without_alpha(part);
  std::vector<uint8_t> pixels(static_cast<size_t>(width) * height * 3);
  cv::Mat result(height, width, CV_8UC3, pixels.data());
  const bool smaller = width < region.width || height < region.height;
  cv::resize(part, result, result.size(), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  return pixels;
}

} // namespace fomo
