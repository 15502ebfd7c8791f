// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/own_motion.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

namespace fomo {

namespace {

/// Of the keypoints, whose coordinates are in [-1, 1].
constexpr float kShifts[][2] = {{0.15F, 0},  {-0.15F, 0},  {0, 0.15F},
                                {0, -0.15F}, {0.2F, 0.1F}, {-0.2F, 0.1F}};

KeypointSet shifted(KeypointSet keypoints, const float* shift) {
  for (int k = 0; k < keypoints.count; k++)
    for (int axis = 0; axis < 2; axis++)
      keypoints.value[2 * static_cast<size_t>(k) + axis] += shift[axis];
  return keypoints;
}

} // namespace

cv::Mat moving_with_head(Backend& backend, Workspace& workspace, const EncodedSource& source,
                         PixelSize model, int threads) {
  RenderOptions options;
  options.background = true;
  RenderedMotion motion;
  cv::Mat sum, count;
  for (const auto& shift : kShifts) {
    backend.generate(workspace, source, shifted(source.keypoints, shift), options,
                     {nullptr, model.width, model.height, ptrdiff_t{3} * model.width, 3}, &motion,
                     threads);
    const cv::Size cells(motion.width, motion.height);
    const cv::Mat person = 1 - cv::Mat(cells, CV_32F, motion.background.data());
    const cv::Matx23f back(1, 0, shift[0] / 2 * static_cast<float>(cells.width - 1), 0, 1,
                           shift[1] / 2 * static_cast<float>(cells.height - 1));
    cv::Mat moved, inside;
    cv::warpAffine(person, moved, back, cells, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
    cv::warpAffine(cv::Mat::ones(cells, CV_32F), inside, back, cells,
                   cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
    sum = sum.empty() ? moved : cv::Mat(sum + moved);
    count = count.empty() ? inside : cv::Mat(count + inside);
  }
  cv::Mat mean;
  cv::divide(sum, cv::max(count, 1e-3), mean);
  return mean;
}

float lowest_on_face(const KeypointSet& keypoints) {
  const int count = keypoints.on_face > 0 ? keypoints.on_face : keypoints.count;
  float lowest = -1;
  for (int k = 0; k < count; k++)
    lowest = std::max(lowest, keypoints.value[2 * static_cast<size_t>(k) + 1]);
  return std::clamp((lowest + 1) / 2, 0.0F, 1.0F);
}

} // namespace fomo
