// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "common/image.h"

namespace fomo {

/// A cv::Mat that refers to the image's pixels (no copy), 8 bits a channel.
inline cv::Mat as_mat(const FomoImage& image) {
  return {image.height, image.width, CV_8UC(image.channels), image.data,
          static_cast<size_t>(image.stride)};
}
/// As above for read-only pixels. cv::Mat has no read-only view, so the Mat itself is const.
inline const cv::Mat as_mat(const ConstImage& image) {
  return {image.height, image.width, CV_8UC(image.channels), const_cast<uint8_t*>(image.data),
          static_cast<size_t>(image.stride)};
}

/// An image that refers to the matrix's pixels (no copy).
inline FomoImage as_image(cv::Mat& mat) {
  return {mat.data, mat.cols, mat.rows, static_cast<ptrdiff_t>(mat.step[0]), mat.channels()};
}
inline ConstImage as_image(const cv::Mat& mat) {
  return {mat.data, mat.cols, mat.rows, static_cast<ptrdiff_t>(mat.step[0]), mat.channels()};
}

} // namespace fomo
