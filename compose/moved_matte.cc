// SPDX-License-Identifier: LGPL-2.1-or-later
#include "compose/moved_matte.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "compose/smooth_step.h"
#include "model/motion/motion_math.h"

namespace fomo {

using compose::ramp;

namespace {

/// A smaller share of the person does not tell its motion.
constexpr float kLeastPerson = 0.35F;
/// Cells: sigma of the Gaussian that continues the person's motion, and its weight beside that of
/// the place's own motion.
constexpr double kReach = 2.5;
constexpr float kFarWeight = 0.2F;
/// Cells: the quotient of two small numbers is rough; it is smoothed by a Gaussian of this sigma.
constexpr double kSmooth = 1;
/// Share of the person within that Gaussian: below it the motion is not known, above it is.
constexpr float kUnknown = 0.005F, kKnown = 0.04F;
/// Cells: a person whose mean motion is shorter is at rest, one whose mean motion is longer moves.
constexpr float kStill = 0.12F, kMoves = 0.5F;

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

void MovedMatte::continue_outwards() {
  constexpr float least = 1e-4F;
  cv::GaussianBlur(motion_, far_motion_, {0, 0}, kReach, 0, cv::BORDER_REPLICATE);
  cv::GaussianBlur(share_, far_share_, {0, 0}, kReach, 0, cv::BORDER_REPLICATE);
  for (int y = 0; y < motion_.rows; y++) {
    const auto *share = share_.ptr<float>(y), *far_share = far_share_.ptr<float>(y);
    const auto* far_motion = far_motion_.ptr<cv::Vec2f>(y);
    auto* motion = motion_.ptr<cv::Vec2f>(y);
    for (int x = 0; x < motion_.cols; x++) {
      const float sum = share[x] + kFarWeight * far_share[x];
      motion[x] = sum > least ? (motion[x] + kFarWeight * far_motion[x]) / sum : cv::Vec2f(0, 0);
    }
  }
}

void MovedMatte::take_dense_motion(const MotionField& field, const cv::Mat& mixed, float scale_x,
                                   float scale_y) {
  const float* deformation = field.deformation;
  float sum = 0, person = 0; // of the person's motion in cells
  for (int y = 0; y < field.height; y++) {
    const auto *share = mixed.ptr<float>(y), *here = share_.ptr<float>(y);
    auto* motion = motion_.ptr<cv::Vec2f>(y);
    const float at_y = cell_coordinate(y, field.height);
    for (int x = 0; x < field.width; x++, deformation += 2) {
      const cv::Vec2f dense((deformation[0] - cell_coordinate(x, field.width)) * scale_x,
                            (deformation[1] - at_y) * scale_y);
      motion[x] = dense + share[x] * (motion[x] - dense);
      sum += here[x] * std::hypot(motion[x][0] / scale_x * static_cast<float>(field.width) / 2,
                                  motion[x][1] / scale_y * static_cast<float>(field.height) / 2);
      person += here[x];
    }
  }
  const float moves = person > 0 ? ramp(sum / person, kStill, kMoves) : 0;
  for (int y = 0; y < field.height; y++)
    for (int x = 0; x < field.width; x++)
      known_.at<float>(y, x) = moves * ramp(far_share_.at<float>(y, x), kUnknown, kKnown);
}

void MovedMatte::operator()(const cv::Mat& matte, const MotionField& field, const cv::Mat& mixed) {
  const cv::Size cells(field.width, field.height);
  motion_.create(cells, CV_32FC2);
  share_.create(cells, CV_32F);
  known_.create(cells, CV_32F);
  // With align_corners, -1 and 1 are the centres of the outermost samples.
  const int inner = field.align_corners ? 1 : 0;
  const float scale_x = static_cast<float>(matte.cols - inner) / 2;
  const float scale_y = static_cast<float>(matte.rows - inner) / 2;
  divide_by_person(field, scale_x, scale_y);
  continue_outwards();
  cv::GaussianBlur(motion_, motion_, {0, 0}, kSmooth, 0, cv::BORDER_REPLICATE);
  take_dense_motion(field, mixed, scale_x, scale_y);

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
