// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/moved_matte.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "model/motion/motion_math.h"

namespace fomo {

namespace {

/// A smaller share of the person does not tell its motion.
constexpr float kLeastPerson = 0.35F;
/// Cells: sigma of the Gaussian that continues the person's motion, and its weight beside that of
/// the place's own motion.
constexpr double kReach = 2.5;
constexpr float kFarWeight = 0.2F;
/// Share of the person within that Gaussian: below it the motion is not known, above it is.
constexpr float kUnknown = 0.02F, kKnown = 0.1F;
/// Cells: a shorter motion is none, a longer motion is one.
constexpr float kStill = 0.12F, kMoves = 0.5F;

float ramp(float x, float from, float to) {
  return std::clamp((x - from) / (to - from), 0.0F, 1.0F);
}

} // namespace

void MovedMatte::divide_by_person(const MotionField& field, float scale_x, float scale_y) {
  const float *deformation = field.deformation, *background = field.background;
  for (int y = 0; y < field.height; y++) {
    const float at_y = cell_coordinate(y, field.height);
    auto* motion = motion_.ptr<cv::Vec2f>(y);
    auto* share = share_.ptr<float>(y);
    for (int x = 0; x < field.width; x++, deformation += 2, background++) {
      const float person = 1 - *background;
      // Weighted by the share squared: the quotient is the less certain the smaller the share is.
      share[x] = person < kLeastPerson ? 0 : person * person;
      const float weight = person < kLeastPerson ? 0 : person;
      motion[x] = {weight * (deformation[0] - cell_coordinate(x, field.width)) * scale_x,
                   weight * (deformation[1] - at_y) * scale_y};
    }
  }
}

void MovedMatte::continue_outwards(float cells_per_pixel) {
  constexpr float least = 1e-4F;
  cv::GaussianBlur(motion_, far_motion_, {0, 0}, kReach, 0, cv::BORDER_REPLICATE);
  cv::GaussianBlur(share_, far_share_, {0, 0}, kReach, 0, cv::BORDER_REPLICATE);
  for (int y = 0; y < motion_.rows; y++) {
    const auto *share = share_.ptr<float>(y), *far_share = far_share_.ptr<float>(y);
    const auto* far_motion = far_motion_.ptr<cv::Vec2f>(y);
    auto* motion = motion_.ptr<cv::Vec2f>(y);
    auto* known = known_.ptr<float>(y);
    for (int x = 0; x < motion_.cols; x++) {
      const float sum = share[x] + kFarWeight * far_share[x];
      motion[x] = sum > least ? (motion[x] + kFarWeight * far_motion[x]) / sum : cv::Vec2f(0, 0);
      known[x] = ramp(far_share[x], kUnknown, kKnown) *
                 ramp(std::hypot(motion[x][0], motion[x][1]) * cells_per_pixel, kStill, kMoves);
    }
  }
}

void MovedMatte::operator()(const cv::Mat& matte, const MotionField& field) {
  const cv::Size cells(field.width, field.height);
  motion_.create(cells, CV_32FC2);
  share_.create(cells, CV_32F);
  known_.create(cells, CV_32F);
  // With align_corners, -1 and 1 are the centres of the outermost samples.
  const int inner = field.align_corners ? 1 : 0;
  divide_by_person(field, static_cast<float>(matte.cols - inner) / 2,
                   static_cast<float>(matte.rows - inner) / 2);
  continue_outwards(static_cast<float>(cells.width) / static_cast<float>(matte.cols));

  cv::resize(motion_, from_, matte.size(), 0, 0, cv::INTER_LINEAR);
  for (int y = 0; y < matte.rows; y++) {
    auto* from = from_.ptr<cv::Vec2f>(y);
    for (int x = 0; x < matte.cols; x++)
      from[x] += cv::Vec2f(static_cast<float>(x), static_cast<float>(y));
  }
  cv::remap(matte, covered_, from_, {}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  cv::resize(known_, wide_known_, matte.size(), 0, 0, cv::INTER_LINEAR);
  cv::multiply(covered_, wide_known_, covered_);
  cv::subtract(wide_known_, covered_, carried_);
}

} // namespace fomo
