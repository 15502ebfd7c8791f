// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/cut_out.h"

#include <algorithm>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "common/image_mat.h"

namespace fomo::compose {

namespace {

cv::Mat scaled(const cv::Mat& image, cv::Size size) {
  cv::Mat result;
  const bool smaller = size.width < image.cols || size.height < image.rows;
  cv::resize(image, result, size, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
  return result;
}

/// The crop, in bytes. Outside the picture its border is repeated.
cv::Mat cut(const Picture& picture, const cv::Rect& crop) {
  const cv::Rect there = crop & cv::Rect(0, 0, picture.width, picture.height);
  cv::Mat result;
  cv::copyMakeBorder(as_mat(image_of(picture))(there), result, there.y - crop.y,
                     crop.br().y - there.br().y, there.x - crop.x, crop.br().x - there.br().x,
                     cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
  return result;
}

/// Bytes with premultiplied alpha, which can be averaged.
cv::Mat premultiplied(const cv::Mat& straight) {
  cv::Mat result = straight.clone();
  result.forEach<cv::Vec4b>([](cv::Vec4b& pixel, const int*) {
    for (int c = 0; c < 3; c++)
      pixel[c] = static_cast<uint8_t>((pixel[c] * pixel[3] + 127) / 255);
  });
  return result;
}

/// Converts premultiplied alpha in [0, 1] to straight alpha. The colour of a transparent pixel
/// comes from the picture at half the size, recursively.
cv::Mat continued(const cv::Mat& image) {
  cv::Mat result = image.clone();
  if (image.total() == 1) {
    auto& pixel = result.at<cv::Vec4f>(0, 0);
    for (int c = 0; c < 3; c++)
      pixel[c] = pixel[3] > 0 ? std::min(255.0F, pixel[c] / pixel[3]) : 128;
    return result;
  }
  cv::Mat half, colours;
  cv::resize(image, half, {(image.cols + 1) / 2, (image.rows + 1) / 2}, 0, 0, cv::INTER_AREA);
  cv::resize(continued(half), colours, image.size(), 0, 0, cv::INTER_LINEAR);
  result.forEach<cv::Vec4f>([&colours](cv::Vec4f& pixel, const int* at) {
    const auto& coarse = colours.at<cv::Vec4f>(at[0], at[1]);
    for (int c = 0; c < 3; c++)
      pixel[c] += (1 - pixel[3]) * coarse[c];
  });
  return result;
}

} // namespace

cv::Mat cut_out(const Picture& picture, const cv::Rect& crop, cv::Size size) {
  const cv::Mat part = cut(picture, crop);
  cv::Mat result;
  if (picture.channels == 4) {
    cv::Mat averaged;
    scaled(premultiplied(part), size).convertTo(averaged, CV_32F);
    cv::multiply(averaged, cv::Scalar(1, 1, 1, 1 / 255.0), averaged);
    cv::multiply(continued(averaged), cv::Scalar(1, 1, 1, 255), result);
  } else {
    cv::Mat rgba;
    cv::cvtColor(scaled(part, size), rgba, cv::COLOR_RGB2RGBA);
    rgba.convertTo(result, CV_32F);
  }
  return result;
}

VisiblePart visible_part(const Picture& picture, const cv::Rect& crop) {
  const auto width = static_cast<float>(crop.width), height = static_cast<float>(crop.height);
  VisiblePart part;
  part.left = std::max(0.0F, static_cast<float>(-crop.x) / width);
  part.top = std::max(0.0F, static_cast<float>(-crop.y) / height);
  part.right = std::min(1.0F, static_cast<float>(picture.width - crop.x) / width);
  part.bottom = std::min(1.0F, static_cast<float>(picture.height - crop.y) / height);
  return part;
}

} // namespace fomo::compose
