// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/matte.h"

#include <opencv2/imgproc.hpp>

namespace fomo::compose {

namespace {

/// GrabCut works at this size: four times the cells of the motion, and 20 to 40 ms.
constexpr int kCutSize = 128;

/// What the motion says for sure, and what the colours have to decide.
constexpr float kSurelyPerson = 0.9F, kProbablyPerson = 0.5F, kMaybePerson = 0.25F;
/// Of kCutSize: farther from what may be the person is background for sure.
constexpr int kReach = 17;
/// Pixels of kCutSize² that each of the two has to have for their colours to be told apart.
constexpr int kLeastPixels = 200;

cv::Mat disc(int diameter) {
  return cv::getStructuringElement(cv::MORPH_ELLIPSE, {diameter, diameter});
}

cv::Mat resized(const cv::Mat& image, cv::Size size, int how) {
  cv::Mat result;
  cv::resize(image, result, size, 0, 0, how);
  return result;
}

cv::Mat cut(const cv::Mat& rgb, const cv::Mat& moving) {
  const cv::Size size(kCutSize, kCutSize);
  const cv::Mat small = resized(rgb, size, cv::INTER_AREA);
  const cv::Mat moves = resized(moving, size, cv::INTER_LINEAR);
  cv::Mat labels(size, CV_8U, cv::Scalar(cv::GC_PR_BGD)), near;
  labels.setTo(cv::GC_PR_FGD, moves > kProbablyPerson);
  labels.setTo(cv::GC_FGD, moves > kSurelyPerson);
  cv::dilate(moves > kMaybePerson, near, disc(kReach));
  labels.setTo(cv::GC_BGD, near == 0);
  if (cv::countNonZero(labels == cv::GC_FGD) < kLeastPixels ||
      cv::countNonZero(labels == cv::GC_BGD) < kLeastPixels)
    return {};
  cv::Mat background, person;
  cv::theRNG().state = 1; // GrabCut begins with k-means: the same picture, the same matte
  cv::grabCut(small, labels, {}, background, person, 3, cv::GC_INIT_WITH_MASK);
  cv::Mat matte;
  cv::Mat((labels & 1) != 0).convertTo(matte, CV_32F, 1 / 255.0);
  return matte;
}

cv::Mat box(const cv::Mat& image, int radius) {
  cv::Mat mean;
  cv::blur(image, mean, {2 * radius + 1, 2 * radius + 1}, {-1, -1}, cv::BORDER_REPLICATE);
  return mean;
}

/// He, Sun and Tang's guided filter: `matte` becomes locally linear in `guide`, so that its edge
/// follows the picture's.
cv::Mat follow_edges(const cv::Mat& guide, const cv::Mat& matte, int radius) {
  constexpr double still = 1e-3;
  const cv::Mat mean = box(guide, radius), mean_matte = box(matte, radius);
  const cv::Mat variance = box(guide.mul(guide), radius) - mean.mul(mean);
  const cv::Mat covariance = box(guide.mul(matte), radius) - mean.mul(mean_matte);
  const cv::Mat slope = covariance / (variance + still);
  const cv::Mat offset = mean_matte - slope.mul(mean);
  return box(slope, radius).mul(guide) + box(offset, radius);
}

} // namespace

cv::Mat person_matte(const cv::Mat& rgb, const cv::Mat& moving) {
  const cv::Mat hard = cut(rgb, moving);
  if (hard.empty())
    return {};
  cv::Mat grey, guide;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  grey.convertTo(guide, CV_32F, 1 / 255.0);
  const int radius = std::max(1, rgb.cols / 64);
  cv::Mat matte = follow_edges(guide, resized(hard, rgb.size(), cv::INTER_LINEAR), radius);
  return cv::min(cv::max(matte, 0), 1);
}

} // namespace fomo::compose
