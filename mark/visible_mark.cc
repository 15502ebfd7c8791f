// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mark/visible_mark.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <opencv2/imgproc.hpp>

#include "common/image_mat.h"

namespace fomo {

namespace {

constexpr int kLeastHeight = 14;       // pixels of the letters
constexpr double kPlateOpacity = 0.55; // of the dark plate
constexpr int kFractionBits = 4;       // of the corners of polygons

// In units of the letters' height: the plate is 1.65 wide and 1.5 high with the letters in its
// middle. A is 0.8 wide, I 0.2, with 0.15 between them.
constexpr double kPlateWidth = 1.65, kPlateHeight = 1.5, kWordWidth = 1.15;

/// Draws polygons, given in units of the letters' height, into a mask.
class Letters {
 public:
  Letters(cv::Mat& mask, double height) : mask_(mask), height_(height) {}

  void fill(const std::vector<cv::Point2d>& corners, int value) {
    std::vector<cv::Point> points;
    for (const cv::Point2d& corner : corners)
      points.emplace_back(at(corner.x + (kPlateWidth - kWordWidth) / 2),
                          at(corner.y + (kPlateHeight - 1) / 2));
    cv::fillPoly(mask_, std::vector<std::vector<cv::Point>>{points}, value, cv::LINE_AA,
                 kFractionBits);
  }

 private:
  int at(double units) const {
    return static_cast<int>(std::lround((units * height_ - 0.5) * (1 << kFractionBits)));
  }

  cv::Mat& mask_;
  double height_;
};

/// The letters' coverage of the plate, 0 to 255.
cv::Mat letters(cv::Size plate, double height) {
  cv::Mat mask = cv::Mat::zeros(plate, CV_8U);
  Letters draw(mask, height);
  draw.fill({{0.3, 0}, {0.5, 0}, {0.8, 1}, {0.6, 1}, {0.4, 0.28}, {0.2, 1}, {0, 1}}, 255);
  draw.fill({{0.2, 0.6}, {0.6, 0.6}, {0.6, 0.77}, {0.2, 0.77}}, 255);
  draw.fill({{0.95, 0}, {1.15, 0}, {1.15, 1}, {0.95, 1}}, 255);
  return mask;
}

} // namespace

void draw_visible_mark(const FomoImage& frame, double size, FomoCorner corner) {
  const double shorter = std::min(frame.width, frame.height);
  const double most = std::min(frame.width / kPlateWidth, frame.height / kPlateHeight) / 1.5;
  const double height = std::min(std::max<double>(size * shorter, kLeastHeight), most);
  const int margin = static_cast<int>(height * 0.4);
  const cv::Size plate(static_cast<int>(height * kPlateWidth),
                       static_cast<int>(height * kPlateHeight));
  if (plate.width < 1 || plate.height < 1)
    return;
  const bool right = corner == FOMO_CORNER_TOP_RIGHT || corner == FOMO_CORNER_BOTTOM_RIGHT;
  const bool bottom = corner == FOMO_CORNER_BOTTOM_LEFT || corner == FOMO_CORNER_BOTTOM_RIGHT;
  const cv::Rect place({right ? frame.width - plate.width - margin : margin,
                        bottom ? frame.height - plate.height - margin : margin},
                       plate);
  cv::Mat part = as_mat(frame)(place & cv::Rect(0, 0, frame.width, frame.height));
  const cv::Mat mask = letters(part.size(), height);
  for (int y = 0; y < part.rows; y++) {
    uint8_t* pixel = part.ptr(y);
    for (int x = 0; x < part.cols; x++, pixel += frame.channels) {
      const double white = mask.at<uint8_t>(y, x) / 255.0;
      for (int c = 0; c < 3; c++)
        pixel[c] = static_cast<uint8_t>(
            std::lround((1 - white) * (1 - kPlateOpacity) * pixel[c] + white * 255));
      if (frame.channels == 4)
        pixel[3] = 255;
    }
  }
}

} // namespace fomo
