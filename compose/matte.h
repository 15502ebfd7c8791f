// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

namespace fomo::compose {

/// The person in a picture as CV_32F of its size: 1 person, 0 background, soft along the edge.
/// `rgb`: CV_8UC3. `moving`: CV_32F of any size over the same picture, how far each place moves
/// with the person, 0 to 1. Empty where no person is seen to move, or where the person fills the
/// picture so that nothing is known of what is behind.
cv::Mat person_matte(const cv::Mat& rgb, const cv::Mat& moving);

} // namespace fomo::compose
