// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "common/image.h"

namespace fomo {

/// OpenCV's view of the same pixels.
inline cv::Mat as_mat(const FomoImage& image) {
  return {image.height, image.width, CV_8UC(image.channels), image.data,
          static_cast<size_t>(image.stride)};
}
/// The same of pixels that are only read: cv::Mat has no view that cannot be written through.
inline const cv::Mat as_mat(const ConstImage& image) {
  return {image.height, image.width, CV_8UC(image.channels), const_cast<uint8_t*>(image.data),
          static_cast<size_t>(image.stride)};
}

/// The pixels of a matrix as an image.
inline FomoImage as_image(cv::Mat& mat) {
  return {mat.data, mat.cols, mat.rows, static_cast<ptrdiff_t>(mat.step[0]), mat.channels()};
}
inline ConstImage as_image(const cv::Mat& mat) {
  return {mat.data, mat.cols, mat.rows, static_cast<ptrdiff_t>(mat.step[0]), mat.channels()};
}

} // namespace fomo
