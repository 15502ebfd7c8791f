// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>

#include <opencv2/imgproc.hpp>

#include "common/image_mat.h"

namespace fomo {

/// A picture like a photograph, RGB or RGBA: noise of all scales, the coarse ones strong, with a
/// flat part. `seed` selects it.
inline cv::Mat natural_picture(int width, int height, uint64_t seed, int channels = 3) {
  cv::RNG random(seed);
  cv::Mat sum(height, width, CV_32FC3, cv::Scalar(120, 110, 100));
  for (int cells = 4; cells < std::max(width, height); cells *= 2) {
    cv::Mat coarse(cells * height / std::max(width, height) + 1,
                   cells * width / std::max(width, height) + 1, CV_32FC3),
        fine;
    random.fill(coarse, cv::RNG::NORMAL, 0, 110.0 / std::sqrt(cells));
    cv::resize(coarse, fine, sum.size(), 0, 0, cv::INTER_CUBIC);
    sum += fine;
  }
  sum({0, 0, width / 3, height / 3}).setTo(cv::Scalar(200, 190, 180));
  cv::Mat picture;
  sum.convertTo(picture, CV_8UC3);
  if (channels == 4)
    cv::cvtColor(picture, picture, cv::COLOR_RGB2RGBA);
  return picture;
}

/// Luma of an RGB or RGBA picture.
inline cv::Mat luma_of(const cv::Mat& picture) {
  cv::Mat luma;
  cv::cvtColor(picture, luma, picture.channels() == 4 ? cv::COLOR_RGBA2GRAY : cv::COLOR_RGB2GRAY);
  return luma;
}

} // namespace fomo
