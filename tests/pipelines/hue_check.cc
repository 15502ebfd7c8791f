// SPDX-License-Identifier: LGPL-2.1-or-later
// Looks for stains and for a background that moves in an animation, for the shell test beside it.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <gst/gst.h>
#include <opencv2/imgproc.hpp>

#include "tests/pipelines/media.h"

namespace {

constexpr char kUsage[] = R"(hue-check RESULT PICTURE STAINS BACKGROUND
RESULT and PICTURE are media files or pipelines; PICTURE is what RESULT animates, at rest.
  STAINS      per mille of the pixels that may be of a hue that the picture has nowhere, in the
              worst tenth of the frames
  BACKGROUND  levels by which the upper corners, where the head never is, may differ from the
              picture's in any frame, in the mean
)";

/// Cells of 2 in CIELAB's a, b, and how far a hue may be from each of the picture's: 8.
constexpr int kCells = 128, kCell = 2, kReach = 8;

/// a and b of each pixel as cells, blurred a little so that single pixels do not count.
cv::Mat hues(const cv::Mat& bgr) {
  cv::Mat smooth, lab;
  cv::GaussianBlur(bgr, smooth, {0, 0}, 1.2);
  smooth.convertTo(smooth, CV_32F, 1 / 255.0);
  cv::cvtColor(smooth, lab, cv::COLOR_BGR2Lab);
  return lab;
}

cv::Point cell_of(const cv::Vec3f& lab) {
  const auto cell = [](float x) {
    return std::clamp(static_cast<int>((x + 128) / kCell), 0, kCells - 1);
  };
  return {cell(lab[2]), cell(lab[1])};
}

class KnownHues {
 public:
  explicit KnownHues(const cv::Mat& picture) : known_(kCells, kCells, CV_8U, cv::Scalar(0)) {
    const cv::Mat lab = hues(picture);
    for (const auto& pixel : cv::Mat_<cv::Vec3f>(lab))
      known_.at<uchar>(cell_of(pixel)) = 1;
    const int across = kReach / kCell * 2 + 1;
    cv::dilate(known_, known_, cv::getStructuringElement(cv::MORPH_ELLIPSE, {across, across}));
  }
  /// Per mille of a frame's pixels that have another hue.
  double foreign(const cv::Mat& frame) const {
    const cv::Mat lab = hues(frame);
    size_t count = 0;
    for (const auto& pixel : cv::Mat_<cv::Vec3f>(lab))
      count += known_.at<uchar>(cell_of(pixel)) ? 0 : 1;
    return 1e3 * static_cast<double>(count) / static_cast<double>(lab.total());
  }

 private:
  cv::Mat known_;
};

/// Mean absolute difference of the upper corners.
double corners_differ(const cv::Mat& a, const cv::Mat& b) {
  const int size = a.cols / 10;
  double most = 0;
  for (const int x : {0, a.cols - size}) {
    const cv::Rect corner(x, 0, size, size);
    most = std::max(most, cv::norm(a(corner), b(corner), cv::NORM_L1) /
                              static_cast<double>(3 * corner.area()));
  }
  return most;
}

void check(const char* const* words) {
  const fomo::Clip result = fomo::read_clip(words[0]), picture = fomo::read_clip(words[1]);
  const cv::Mat& at_rest = picture.frames.at(0);
  const KnownHues known(at_rest);
  std::vector<double> stains;
  double background = 0;
  for (const cv::Mat& frame : result.frames) {
    if (frame.size() != at_rest.size())
      throw std::runtime_error("the picture and its animation differ in size");
    stains.push_back(known.foreign(frame));
    background = std::max(background, corners_differ(frame, at_rest));
  }
  std::sort(stains.begin(), stains.end());
  const size_t tenth = std::max<size_t>(1, stains.size() / 10);
  const double worst =
      std::accumulate(stains.end() - static_cast<ptrdiff_t>(tenth), stains.end(), 0.0) /
      static_cast<double>(tenth);
  std::printf("%zu frames: %.2f per mille of foreign hues in the worst tenth, corners differ by "
              "%.2f levels at most\n",
              result.frames.size(), worst, background);
  if (worst > std::stod(words[2]))
    throw std::runtime_error("there are stains");
  if (background > std::stod(words[3]))
    throw std::runtime_error("the background is not the picture's own");
}

} // namespace

int main(int argc, char** argv) {
  gst_init(nullptr, nullptr);
  if (argc != 5) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  try {
    check(argv + 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "hue-check: %s\n", error.what());
    return 1;
  }
  return 0;
}
