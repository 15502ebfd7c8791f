// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictures/picture.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "common/error.h"
#include "common/image_mat.h"
#include "face/turned_region.h"
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

namespace {

/// The pixels of a part of the picture. Outside of the picture its border is repeated. Throws Error
/// when nothing of it is inside.
cv::Mat part_of(const cv::Mat& whole, const cv::Rect& wanted) {
  const cv::Rect inside = wanted & cv::Rect(0, 0, whole.cols, whole.rows);
  if (inside.empty())
    throw Error(FOMO_SETTINGS, "A part of a picture was asked for that lies outside of it.");
  cv::Mat part = whole(inside);
  if (inside != wanted) {
    cv::Mat extended;
    cv::copyMakeBorder(part, extended, inside.y - wanted.y, wanted.br().y - inside.br().y,
                       inside.x - wanted.x, wanted.br().x - inside.br().x,
                       cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
    part = extended;
  }
  return part;
}

/// Multiplies or divides the colours of RGBA by alpha, in 16 bits: colours must not mix with those
/// that transparent pixels hide.
cv::Mat with_premultiplied_colours(const cv::Mat& rgba) {
  cv::Mat result(rgba.size(), CV_16UC4);
  for (int y = 0; y < rgba.rows; y++)
    for (int x = 0; x < rgba.cols; x++) {
      const auto& in = rgba.at<cv::Vec4b>(y, x);
      for (int c = 0; c < 4; c++)
        result.at<cv::Vec4w>(y, x)[c] = static_cast<uint16_t>((c < 3 ? in[c] : 255) * in[3]);
    }
  return result;
}

void divide_colours(const cv::Mat& premultiplied, cv::Mat& rgba) {
  for (int y = 0; y < rgba.rows; y++)
    for (int x = 0; x < rgba.cols; x++) {
      const auto& in = premultiplied.at<cv::Vec4w>(y, x);
      auto& out = rgba.at<cv::Vec4b>(y, x);
      const int alpha = (in[3] + 127) / 255;
      for (int c = 0; c < 3; c++)
        out[c] = in[3] > 0 ? cv::saturate_cast<uint8_t>(255.0 * in[c] / in[3]) : 0;
      out[3] = static_cast<uint8_t>(alpha);
    }
}

} // namespace

Picture cut_upright(const Picture& picture, const PictureCrop& crop) {
  constexpr int largest = 4096;
  const Box region{static_cast<double>(crop.x), static_cast<double>(crop.y),
                   static_cast<double>(crop.width), static_cast<double>(crop.height)};
  constexpr double rounding = 1e-6;
  const Box exact = box_around(region, crop.roll);
  const cv::Point first(cvFloor(exact.x + rounding), cvFloor(exact.y + rounding)),
      last(cvCeil(exact.x + exact.width - rounding), cvCeil(exact.y + exact.height - rounding));
  const cv::Rect around(first, last);
  const Box box{static_cast<double>(around.x), static_cast<double>(around.y),
                static_cast<double>(around.width), static_cast<double>(around.height)};
  const cv::Mat pixels = part_of(as_mat(image_of(picture)), around);
  Picture result{
      std::min(crop.width, largest), std::min(crop.height, largest), picture.channels, {}};
  result.pixels.resize(static_cast<size_t>(result.width) * result.height * result.channels);
  cv::Mat upright(result.height, result.width, CV_8UC(result.channels), result.pixels.data());
  const bool mixes_alpha = picture.channels == 4 && (crop.roll != 0 || result.width != crop.width);
  if (mixes_alpha) {
    cv::Mat mixed(upright.size(), CV_16UC4);
    turn_upright(with_premultiplied_colours(pixels), box, region, crop.roll, mixed);
    divide_colours(mixed, upright);
  } else {
    turn_upright(pixels, box, region, crop.roll, upright);
  }
  return result;
}

std::vector<uint8_t> resize_region(const Picture& picture, const PictureCrop& region, int width,
                                   int height) {
  if (region.roll != 0) {
    const Picture upright = cut_upright(picture, region);
    return resize_region(upright, cv::Rect(0, 0, upright.width, upright.height), width, height);
  }
  cv::Mat part = part_of(as_mat(image_of(picture)), region);
  if (part.channels() == 4)
    part = without_alpha(part);
  std::vector<uint8_t> pixels(static_cast<size_t>(width) * height * 3);
  cv::Mat result(height, width, CV_8UC3, pixels.data());
  const bool smaller = width < region.width || height < region.height;
  cv::resize(part, result, result.size(), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  return pixels;
}

} // namespace fomo
