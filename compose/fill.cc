// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/fill.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace fomo::compose {

namespace {

/// image *= weight, for any number of channels.
void scale_by(cv::Mat& image, const cv::Mat& weight) {
  const int channels = image.channels();
  for (int y = 0; y < image.rows; y++) {
    auto* to = image.ptr<float>(y);
    const auto* share = weight.ptr<float>(y);
    for (int x = 0; x < image.cols; x++)
      for (int c = 0; c < channels; c++)
        *to++ *= share[x];
  }
}

/// image += (1 - weight) * coarse
void add_rest(cv::Mat& image, const cv::Mat& weight, const cv::Mat& coarse) {
  const int channels = image.channels();
  for (int y = 0; y < image.rows; y++) {
    auto* to = image.ptr<float>(y);
    const auto *share = weight.ptr<float>(y), *from = coarse.ptr<float>(y);
    for (int x = 0; x < image.cols; x++)
      for (int c = 0; c < channels; c++)
        *to++ += (1 - share[x]) * *from++;
  }
}

/// The same of what is multiplied by its weight already; `image` is the result.
void fill(cv::Mat& image, cv::Mat& weight) {
  if (image.rows <= 1 && image.cols <= 1) {
    cv::Mat inverse;
    cv::divide(1.0, cv::max(weight, 1e-6), inverse);
    scale_by(image, inverse);
    return;
  }
  const cv::Size half((image.cols + 1) / 2, (image.rows + 1) / 2);
  cv::Mat coarse, share, wide;
  cv::resize(image, coarse, half, 0, 0, cv::INTER_AREA);
  cv::resize(weight, share, half, 0, 0, cv::INTER_AREA);
  // One known pixel of four is enough to be known a level above.
  cv::Mat full = cv::min(share * 4, 1), gain = full / cv::max(share, 1e-6);
  scale_by(coarse, gain);
  fill(coarse, full);
  cv::resize(coarse, wide, image.size(), 0, 0, cv::INTER_LINEAR);
  add_rest(image, weight, wide);
}

} // namespace

cv::Mat push_pull(const cv::Mat& known, const cv::Mat& weight) {
  cv::Mat image = known.clone(), share = weight.clone();
  scale_by(image, share);
  fill(image, share);
  return image;
}

} // namespace fomo::compose
