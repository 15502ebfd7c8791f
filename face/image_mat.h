// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "api/engine_api.h"

namespace fomo {

/// OpenCV's view of the same pixels.
inline cv::Mat as_mat(const FomoImage& image) {
  return cv::Mat(image.height, image.width, CV_8UC(image.channels), image.data,
                 static_cast<size_t>(image.stride));
}

/// The API's view of the same pixels.
inline FomoImage as_image(const cv::Mat& mat) {
  return {mat.data, mat.cols, mat.rows, static_cast<ptrdiff_t>(mat.step[0]), mat.channels()};
}

} // namespace fomo
