// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/picture.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/image_mat.h"
#include "pictures/row_assembler.h"

namespace fomo {

namespace {

/// Blends RGBA with mid grey. A black or white background would change what the encoder sees of the
/// rest of the picture.
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

} // namespace

Picture copy_picture(const ConstImage& pixels) {
  const uint64_t count = static_cast<uint64_t>(pixels.width) * static_cast<uint64_t>(pixels.height);
  const double scale =
      count > kMostFullPixels ? std::sqrt(double(kMostReducedPixels) / double(count)) : 1;
  Picture picture{std::max(1, cvRound(pixels.width * scale)),
                  std::max(1, cvRound(pixels.height * scale)),
                  pixels.channels,
                  {}};
  picture.pixels.resize(static_cast<size_t>(picture.width) * picture.height * picture.channels);
  cv::Mat to(picture.height, picture.width, CV_8UC(picture.channels), picture.pixels.data());
  if (scale < 1)
    cv::resize(as_mat(pixels), to, to.size(), 0, 0, cv::INTER_AREA);
  else
    as_mat(pixels).copyTo(to);
  return picture;
}

cv::Rect crop_region(FomoCrop crop, int width, int height) {
  if (crop == FOMO_CROP_NONE)
    return {0, 0, width, height};
  const int side = std::min(width, height);
  return {(width - side) / 2, (height - side) / 2, side, side};
}

std::vector<uint8_t> resize_region(const Picture& picture, const cv::Rect& region, int width,
                                   int height) {
  const cv::Mat whole = as_mat(image_of(picture));
  const cv::Rect wanted(region.x, region.y, region.width, region.height);
  const cv::Rect inside = wanted & cv::Rect(0, 0, whole.cols, whole.rows);
  if (inside.empty())
    throw Error(FOMO_SETTINGS, "A part of a picture was asked for that lies outside of it.");
  cv::Mat part = whole(inside);
  if (part.channels() == 4)
    part = without_alpha(part);
  if (inside != wanted)
    cv::copyMakeBorder(part, part, inside.y - wanted.y, wanted.br().y - inside.br().y,
                       inside.x - wanted.x, wanted.br().x - inside.br().x, cv::BORDER_REPLICATE);
  std::vector<uint8_t> pixels(static_cast<size_t>(width) * height * 3);
  cv::Mat result(height, width, CV_8UC3, pixels.data());
  const bool smaller = width < region.width || height < region.height;
  cv::resize(part, result, result.size(), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  return pixels;
}

} // namespace fomo
